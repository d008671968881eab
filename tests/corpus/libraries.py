"""Dangerous functions inside the libraries that every model comes from.

Here a list of allowed *packages* fails: each name begins with one that a scanner has to know well.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.assembly import CODE, SHELL, call, dotted, glob, value, whole
from tests.corpus.names import FILE, written
from tests.corpus.sample import Hostile, dropped

__all__ = ["libraries"]


# Module, name, and what it does; the argument is one text or bytes.
SCIENCE = """
numpy load: opens a file, with pickles inside
numpy.lib.npyio load: the same, by its older place
numpy.lib._npyio_impl load: the same, by its newer place
numpy fromfile: reads any file
numpy memmap: maps any file, writable
numpy DataSource: fetches addresses
numpy savetxt: writes any file
numpy fromfunction: calls what it is given
numpy apply_along_axis: calls what it is given
numpy frompyfunc: wraps what it is given into a ufunc
numpy vectorize: wraps what it is given
numpy.ctypeslib load_library: loads a native library
numpy.f2py compile: runs a compiler
numpy.f2py.crackfortran myeval: evaluates text
numpy.f2py.crackfortran param_eval: evaluates text
numpy.f2py.crackfortran _eval_length: evaluates text
numpy.f2py.diagnose run_command: starts a program
numpy.testing._private.utils runstring: runs text
numpy.testing rundocs: runs a file
numpy.testing._private.utils exec_command: starts a program
numpy.distutils.exec_command exec_command: starts a program
numpy.distutils.misc_util exec_mod_from_location: runs a file
numpy.core.records fromfile: reads any file
pandas eval: evaluates text
pandas.core.computation.eval eval: evaluates text, by its inner place
pandas DataFrame.query: evaluates text
pandas read_pickle: opens a pickle
pandas.io.pickle read_pickle: opens a pickle, by its inner place
pandas.io.common get_handle: opens any file or address
pandas read_csv: opens any file or address
pandas DataFrame.to_csv: writes any file
pandas DataFrame.pipe: calls what it is given
scipy.io loadmat: opens any file
scipy.sparse load_npz: opens any file
scipy.datasets face: fetches an address
scipy._lib._ccallback CData: builds raw C pointers
matplotlib.testing subprocess_run_helper: starts a program
matplotlib.texmanager TexManager._run_checked_subprocess: starts a program
IPython.core.interactiveshell InteractiveShell.run_cell: runs text
IPython.utils.process system: starts a program
sympy sympify: evaluates text
sympy.parsing.sympy_parser eval_expr: evaluates text
numexpr evaluate: evaluates text
networkx.readwrite.gpickle read_gpickle: opens a pickle
statsmodels.iolib.smpickle load_pickle: opens a pickle
cffi FFI.dlopen: loads a native library
pexpect run: starts a program
git Repo.clone_from: starts git, with its options
yaml unsafe_load: runs code from text
ruamel.yaml YAML.load: makes objects from text
jsonpickle decode: makes objects from text
mako.template Template: compiles text to code
jinja2 Environment.from_string: compiles text to code
requests get: fetches an address
fsspec open: opens any file or address
nltk.data load: opens a pickle
"""
LEARNING = """
sklearn.datasets load_files: reads any folder
sklearn.datasets fetch_openml: fetches an address
sklearn.externals.joblib load: opens a pickle
sklearn.utils._testing assert_run_python_script_without_output: starts a program
sklearn.utils.parallel _FuncWrapper: calls what it is given
sklearn.utils._joblib joblib.load: opens a pickle
sklearn.datasets._base os.system: a module with os in it
sklearn.utils._metadata_requests inspect.sys.modules.get: dots lead outside
sklearn.model_selection._search np.load: dots lead to numpy.load
joblib load: opens a pickle
joblib.numpy_pickle load: opens a pickle
joblib.numpy_pickle NumpyUnpickler: opens a pickle
joblib.numpy_pickle_compat load_compatibility: opens a pickle
joblib.numpy_pickle_compat NDArrayWrapper: opens a file by its name, object arrays included
joblib.numpy_pickle_compat ZNDArrayWrapper: opens a file by its name
joblib.memory Memory: keeps pickles in a folder
joblib.parallel BatchedCalls: calls what it is given
joblib.func_inspect get_func_code: reads source files
joblib.externals.loky.backend.spawn prepare: runs a file
joblib.externals.loky.process_executor _CallItem: calls what it is given
joblib.externals.cloudpickle.cloudpickle _make_function: makes a function from code
joblib.externals.cloudpickle.cloudpickle subimport: imports any module
joblib.externals.cloudpickle.cloudpickle _builtin_type: finds any type
torch load: opens a pickle
torch.serialization load: opens a pickle
torch.serialization _legacy_load: opens a pickle
torch.hub load: fetches and runs code
torch.hub download_url_to_file: fetches and writes a file
torch.jit load: opens a program
torch.serialization os.system: a module with os in it
torch.jit.unsupported_tensor_ops execWrapper: runs text
torch.utils.collect_env run: starts a program
torch.utils._config_module ConfigModule.load_config: opens a pickle
torch.utils.bottleneck.__main__ run_cprofile: runs text
torch.utils.data.datapipes.utils.decoder basichandlers: opens a pickle
torch.utils.cpp_extension load_inline: compiles and loads native code
torch.fx.graph_module reduce_graph_module: runs the text of a graph
torch.fx.graph_module _forward_from_src: runs text
torch.fx.experimental.symbolic_shapes ShapeEnv.evaluate_guards_expression: evaluates text
torch._dynamo.guards GuardBuilder.get: evaluates text
torch._inductor.codecache compile_file: compiles and loads native code
torch._inductor.codecache PyCodeCache.load: runs text
torch.ops load_library: loads a native library
torch.classes load_library: loads a native library
torch.package PackageImporter: runs code in a package
torch.multiprocessing spawn: calls what it is given
torch.distributed.rpc.internal _run_function: opens a pickle
torch.distributed.elastic.multiprocessing.subprocess_handler SubprocessHandler: starts a program
torch.distributed.distributed_c10d _tensor_to_object: opens a pickle
torch.from_file: maps any file
torch.nn.Module.register_forward_hook: calls what it is given
tensorflow.io read_file: reads any file
tensorflow.keras.models load_model: opens a program
keras.utils get_file: fetches and unpacks
keras.saving load_model: opens a program
keras.src.utils.python_utils func_load: runs marshalled code
xgboost Booster.load_model: opens any file
xgboost.core ctypes.CDLL: dots lead to native libraries
lightgbm.basic ctypes.CDLL: dots lead to native libraries
lightgbm.basic _load_lib: loads a native library
mlflow.pyfunc load_model: runs the loader that a file names
transformers AutoModel.from_pretrained: fetches and runs code
transformers.dynamic_module_utils get_class_in_module: imports a file
huggingface_hub hf_hub_download: fetches a file
skops.io load: opens another file
distributed.protocol.pickle loads: opens a pickle
ray.cloudpickle loads: opens a pickle
pyspark.serializers CloudPickleSerializer.loads: opens a pickle
catboost.core CatBoost.load_model: opens any file
"""
ARGUMENTS = (CODE, SHELL, FILE)


def _rows(table: str) -> Iterator[tuple[str, str, str, bytes]]:
    for turn, line in enumerate(table.strip().splitlines()):
        name, _, why = line.partition(": ")
        if " " not in name:
            name = " ".join(name.rsplit(".", 1))
        yield name.replace(" ", "."), "model.pkl", why, written(name, turn, ARGUMENTS[turn % 3])


def _held() -> Iterator[tuple[str, str, str, bytes]]:
    """Known estimators that hold a dangerous function until they are used."""

    def estimator(module: str, name: str, **state: object) -> bytes:
        return whole(glob(module, name) + b")\x81" + value(state) + b"b")

    transformer = ("sklearn.preprocessing._function_transformer", "FunctionTransformer")
    read = dotted("numpy", "load")
    yield (
        "function-transformer",
        "model.pkl",
        "transform calls what fit never saw",
        estimator(*transformer, func=glob("os", "system"), kw_args=None),
    )
    yield (
        "function-transformer-load",
        "model.pkl",
        "transform opens what it is given",
        estimator(*transformer, func=read, kw_args={"allow_pickle": True}),
    )
    yield (
        "function-transformer-eval",
        "model.pkl",
        "transform evaluates its argument",
        estimator(*transformer, func=glob("pandas", "eval"), inverse_func=None),
    )
    yield (
        "kernel-callable",
        "model.pkl",
        "predict calls the kernel",
        estimator("sklearn.svm._classes", "SVC", kernel=glob("os", "system")),
    )
    yield (
        "metric-callable",
        "model.pkl",
        "predict calls the metric",
        estimator(
            "sklearn.neighbors._classification",
            "KNeighborsClassifier",
            metric=glob("builtins", "eval"),
        ),
    )
    yield (
        "analyzer-callable",
        "model.pkl",
        "transform calls the analyzer for each text",
        estimator(
            "sklearn.feature_extraction.text", "CountVectorizer", analyzer=glob("builtins", "eval")
        ),
    )
    yield (
        "tokenizer-callable",
        "model.pkl",
        "transform calls the tokenizer for each text",
        estimator(
            "sklearn.feature_extraction.text",
            "TfidfVectorizer",
            tokenizer=call(glob("functools", "partial"), glob("os", "popen")),
        ),
    )
    yield (
        "validation-callable",
        "model.pkl",
        "a setting that is called",
        estimator(
            "sklearn.model_selection._search", "GridSearchCV", scoring=glob("subprocess", "call")
        ),
    )
    yield (
        "xgboost-objective",
        "model.pkl",
        "fit calls the objective",
        estimator("xgboost.sklearn", "XGBClassifier", objective=glob("builtins", "exec")),
    )
    yield (
        "torch-hook",
        "model.pkl",
        "every forward call runs the hook",
        estimator(
            "torch.nn.modules.linear", "Linear", _forward_hooks={1: glob("builtins", "print")}
        ),
    )


def libraries() -> Iterator[Hostile]:
    """One pickle for each name, and estimators that hold one."""
    yield from dropped("science", _rows(SCIENCE))
    yield from dropped("learning", _rows(LEARNING))
    yield from dropped("held", _held())

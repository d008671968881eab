"""Names that reach the machine, the network or other names: none is allowed, however asked for."""

from __future__ import annotations

import pytest

from tests.unit.scanning.pickling import (
    RUN,
    assert_unsafe,
    called,
    named,
    scanned,
    stacked,
    whole,
)
from workbench.findings.scan import Outcome

# What a pickle may not ask for, whatever it does with it. Each is asked for and called.
NAMES = """
os system; os popen; os execv; os spawnl; posix system; nt system; posix execve; os.path join;
subprocess Popen; subprocess check_output; subprocess run; subprocess getoutput; pty spawn;
builtins eval; builtins exec; builtins compile; builtins __import__; builtins open;
builtins input; builtins setattr; builtins vars; builtins globals;
builtins map; builtins filter; builtins type; builtins super; builtins breakpoint;
builtins help; builtins print; builtins zip; builtins staticmethod; builtins property;
builtins memoryview; builtins iter; builtins sorted; __builtin__ eval; __builtin__ execfile;
__builtin__ apply; __builtin__ file; commands getoutput; importlib import_module;
importlib reload; importlib._bootstrap _load; imp load_source;
importlib.machinery SourceFileLoader; zipimport zipimporter; pkgutil resolve_name;
pkgutil get_data; runpy run_path; runpy run_module; runpy _run_code; pip main;
pip._internal main; ensurepip bootstrap; pip._internal.cli.main main; venv create;
setuptools setup; distutils.spawn spawn; site execsitecustomize;
distutils.file_util write_file; lib2to3.pgen2.grammar Grammar.loads;
lib2to3.pgen2.pgen ParserGenerator; timeit timeit; timeit repeat; timeit main; cProfile run;
cProfile runctx; profile run; profile Profile.run; pdb run; pdb runeval; pdb Pdb.run;
trace Trace.run; trace main; doctest debug_script; doctest testsource; bdb Bdb.run;
bdb Bdb.runeval; code InteractiveInterpreter.runcode; code interact; codeop compile_command;
asyncio create_subprocess_shell; asyncio.unix_events _UnixSubprocessTransport._start;
asyncio.base_events BaseEventLoop.run_until_complete; multiprocessing.util spawnv_passfds;
concurrent.futures ThreadPoolExecutor; _posixsubprocess fork_exec; threading Thread;
_thread start_new_thread; functools partial; functools reduce; operator attrgetter;
operator methodcaller; operator itemgetter; _operator attrgetter; itertools starmap;
itertools accumulate; types FunctionType; types CodeType; types ModuleType; types MethodType;
types SimpleNamespace; types DynamicClassAttribute; weakref finalize; marshal loads;
marshal load; pickle loads; pickle load; pickle Unpickler; _pickle Unpickler; _pickle loads;
cPickle loads; copyreg __newobj__; copyreg add_extension; copyreg __reduce_ex__;
copyreg pickle; shelve open; copy_reg _reconstructor.__globals__; joblib load;
joblib.numpy_pickle load; joblib.numpy_pickle_compat NDArrayWrapper;
joblib.numpy_pickle_compat ZNDArrayWrapper; joblib.memory Memory;
joblib.externals.loky.backend.spawn prepare; joblib.externals.cloudpickle.cloudpickle loads;
cloudpickle.cloudpickle _make_function; cloudpickle loads;
cloudpickle.cloudpickle _builtin_type; cloudpickle.cloudpickle subimport; dill loads;
dill._dill _create_function; dill._dill _import_module; torch load; torch.hub load;
torch.hub load_state_dict_from_url; torch.jit load; torch.jit script; torch.serialization load;
torch.utils.cpp_extension load_inline; torch.fx.graph_module reduce_graph_module;
torch.fx.graph_module _deserialize_graph_module; torch.package PackageImporter;
torch.ops load_library; torch.classes load_library; torch._inductor.codecache compile_file;
torch._dynamo.guards GuardBuilder.get; torch.distributed.rpc rpc_sync;
torch.utils.collect_env run; torch.utils.bottleneck.__main__ run_cprofile;
torch.utils.data.datapipes.utils.decoder basichandlers; torch.utils._config_module load_config;
torch.multiprocessing.spawn start_processes; torch._tensor _rebuild_from_type_v2;
torch.nn.utils.weight_norm WeightNorm; torch._utils _rebuild_parameter_with_state;
torch._utils _get_restore_location; numpy load; numpy fromfile; numpy loadtxt;
numpy genfromtxt; numpy memmap.tofile; numpy save; numpy vectorize; numpy apply_along_axis;
numpy frompyfunc; numpy.f2py compile; numpy.f2py.crackfortran getlincoef;
numpy.f2py.diagnose run_command; numpy.testing runstring;
numpy.testing._private.utils runstring; numpy.distutils.exec_command exec_command;
numpy.lib.utils safe_eval; numpy.lib.npyio load; numpy.lib._npyio_impl load;
numpy.core._internal _ctypes; numpy.core._internal npy_ctypes_check;
numpy._core._internal _dtype_from_pep3118; numpy.core _ufunc_reconstruct;
numpy._core _ufunc_reconstruct; numpy.ctypeslib load_library; numpy.core.records fromfile;
numpy.random._pickle __dict__; pandas read_pickle; pandas eval; pandas.io.pickle read_pickle;
pandas.io.common get_handle; pandas.core.computation.eval eval; pandas DataFrame.query;
pandas DataFrame.to_pickle; scipy.io loadmat; sklearn.utils._testing _convert_container;
sklearn.utils._testing check_skip_network; sklearn.externals.joblib load;
sklearn.datasets load_files; sklearn.datasets fetch_openml;
sklearn.utils._mocking CheckingClassifier; sklearn.utils.parallel delayed;
xgboost.core _load_lib; xgboost.collective CommunicatorContext; lightgbm.basic _load_lib;
lightgbm.libpath _find_lib_path; ctypes CDLL; ctypes PyDLL; ctypes.util find_library;
_ctypes LoadLibrary; ctypes memmove; ctypes CFUNCTYPE; mmap mmap; cffi FFI; webbrowser open;
webbrowser get; antigravity geohash; shutil rmtree; shutil copy; shutil make_archive;
tempfile mktemp; pathlib Path.unlink; pathlib Path.write_text; io open; io FileIO; _io open;
codecs open; fileinput input; linecache getlines; glob glob; socket socket;
socket create_connection; ssl SSLSocket; ssl SSLContext; smtplib SMTP; ftplib FTP;
http.client HTTPSConnection; urllib.request urlopen; urllib.request urlretrieve; requests get;
httpx get; aiohttp ClientSession; xmlrpc.client ServerProxy; telnetlib Telnet; nntplib NNTP;
poplib POP3; imaplib IMAP4_stream; socketserver TCPServer; pydoc pipepager;
pydoc tempfilepager; pydoc locate; pydoc ttypager; idlelib.run Executive.runcode;
idlelib.pyshell ModifiedInterpreter.runcode; idlelib.debugobj ObjectTreeItem.SetText;
idlelib.autocomplete AutoComplete.get_entity; idlelib.calltip get_entity; sqlite3 connect;
sqlite3 Connection.load_extension; dbm open; logging.config dictConfig;
logging.config fileConfig; logging.config listen; logging FileHandler;
uuid _get_command_stdout; uuid _popen; _osx_support _read_output; _osx_support compiler_fixup;
_aix_support _read_cmd_output; _pyrepl.pager pipe_pager; platform popen; mailcap findmatch;
cgitb lookup; cgi test; getpass getpass; test.support.script_helper assert_python_ok;
test.libregrtest main; unittest.mock patch; unittest.mock _importer; unittest main;
signal signal; atexit register; gc get_objects; inspect getattr_static; sys settrace;
sys modules; sys exit; _xxsubinterpreters run_string; readline read_init_file;
rlcompleter Completer.attr_matches; ast literal_eval; dataclasses make_dataclass;
collections namedtuple; enum _make_class_unpickle; contextlib ExitStack.callback;
string Formatter.get_field; jinja2 Template; yaml unsafe_load; nltk download;
transformers pipeline; tensorflow.python.framework.load_library load_op_library;
keras.models load_model; keras.layers Lambda; onnx load; catboost CatBoost;
IPython get_ipython; IPython.core.interactiveshell InteractiveShell; cython inline;
cffi.api FFI.dlopen; numba jit; sympy sympify; xdrlib Unpacker; plistlib loads;
optparse check_builtin; turtle TurtleScreen; tkinter Tcl; curses wrapper; bpython cli;
guppy hpy; scipy.interpolate._interpolate interp1d._call_linear_np
"""
PAIRS = sorted(tuple(one.split()) for one in NAMES.split(";"))


@pytest.mark.parametrize(("module", "name"), PAIRS, ids=lambda one: one)
def test_names(module: str, name: str) -> None:
    """However a name is asked for: it is reported, before and after Python's own renaming."""
    ways = (
        called(named(module, name), RUN),
        called(stacked(module, name), RUN),
        b"(" + RUN + b"i" + f"{module}\n{name}\n".encode(),
        b"(" + named(module, name) + RUN + b"o",
        named(module, name) + b")\x81",
        named(module, name) + b")}\x92",
        named(module, name) + b"}b",
        named(module, name),
        b"N" + named(module, name) + b"0",
    )
    for way in ways:
        assert_unsafe(whole(way), rule="pickle-global")
        assert_unsafe(b"\x80\x02" + way + b".", rule="pickle-global")


OLDER = {
    "sklearn.tree.tree": "DecisionTreeClassifier",
    "sklearn.svm.classes": "SVC",
    "sklearn.ensemble.forest": "RandomForestClassifier",
    "sklearn.ensemble.gradient_boosting": "GradientBoostingClassifier",
    "sklearn.linear_model.logistic": "LogisticRegression",
    "sklearn.cluster.k_means_": "KMeans",
    "pandas.core.internals": "BlockManager",
}


@pytest.mark.parametrize(("module", "name"), OLDER.items())
def test_classes_in_the_places_where_they_once_were(module: str, name: str) -> None:
    assert scanned(whole(named(module, name) + b")\x81")).outcome is Outcome.allowed


def test_other_names_in_such_places_are_not_known() -> None:
    for module, name in (
        ("sklearn.tree.tree", "os"),
        ("sklearn.svm.classes", "check_random_state"),
        ("pandas.core.internals", "managers"),
        ("pandas.io.pickle", "read_pickle"),
        ("sklearn.externals.joblib.numpy_pickle", "load"),
        ("numpy.core.numeric_", "_frombuffer"),
    ):
        assert_unsafe(whole(named(module, name) + b")\x81"), rule="pickle-global")

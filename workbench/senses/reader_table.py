"""The readers that open files natively, past the interpreter, and what their arguments name.

And the writers that do, for what one cell writes another may read. One row for each: where it is
found, and how to read its arguments. A row whose package is not installed, or whose name this
version does not have, does nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from workbench.senses.addresses import Found, addresses, file_address, quoted, tables_of
from workbench.senses.readings import Address
from workbench.senses.urls import is_url, url_address

__all__ = ["READERS", "Named", "Reader"]

Arguments = tuple[Any, ...]
Options = dict[str, Any]


@dataclass(frozen=True)
class Named:
    """What the arguments of one call name: what it reads, what it writes, what is left out."""

    read: tuple[Address, ...] = ()
    wrote: tuple[Address, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reader:
    """A function, a class (its ``__init__`` is meant) or a method, as ``Class.method``."""

    module: str
    name: str
    find: Callable[[Arguments, Options], Named]
    asks_its_caller: bool = False  # looks for variables in the frame that called it


# The name of the first argument, in whichever reader.
_FIRST = (
    *("path", "path_or_buf", "filepath_or_buffer", "io", "source", "sources", "where", "f"),
    *("input_file", "path_or_paths", "path_or_buffer", "file_glob", "data", "name", "filename"),
    *("database", "query", "sql", "table_name", "file", "path_or_buf", "fname"),
)
_H5_NEW = ("w", "w-", "x")


def _first(args: Arguments, options: Options) -> Any:
    return args[0] if args else next((options[n] for n in _FIRST if n in options), None)


def _second(args: Arguments, options: Options, *names: str) -> Any:
    return args[1] if len(args) > 1 else next((options[n] for n in names if n in options), None)


def _read(found: Found) -> Named:
    return Named(found.addresses, notes=found.notes)


def _path(args: Arguments, options: Options) -> Named:
    return _read(addresses(_first(args, options), options.get("filesystem")))


def _query(args: Arguments, options: Options) -> Named:
    connection = _second(args, options, "con", "connection", "uri")
    queries = _first(args, options)
    return Named(
        tuple(
            address
            for query in (queries if isinstance(queries, list | tuple) else (queries,))
            for address in tables_of(query, connection, options.get("schema"))
        )
    )


def _with_mode(args: Arguments, options: Options) -> Named:
    """HDF5: opened to be written anew, or read (and perhaps added to)."""
    value, mode = _first(args, options), _second(args, options, "mode")
    if not isinstance(value, str | bytes | PurePath) or is_url(str(value)):
        return _read(addresses(value))
    address = file_address(value)
    if mode in _H5_NEW or not os.path.exists(os.fsdecode(value)):
        return Named(wrote=(address,))
    return Named((address,))


def _written(args: Arguments, options: Options) -> Named:
    return Named(wrote=_target(_first(args, options)))


def _second_written(args: Arguments, options: Options) -> Named:
    return Named(wrote=_target(_second(args, options, "f", "where", "dest", "filename")))


def _table_written(args: Arguments, options: Options) -> Named:
    """pandas: a table of a database; of SQLite it is the file, in which all else stays."""
    connection = _second(args, options, "con")
    wrote = tables_of(_first(args, options), connection, options.get("schema"))
    files = (one for one in wrote if one.scheme == "file" and os.path.isfile(one.text))
    return Named(tuple(one for one in files if os.path.getsize(one.text)), wrote)


def _target(value: Any) -> tuple[Address, ...]:
    """What a path to write to names, there or not; an open file or a buffer names nothing here."""
    if isinstance(value, str) and is_url(value):
        address = url_address(value)
        return (address,) if address else ()
    return (file_address(value),) if isinstance(value, str | PurePath) else ()


def _model_file(args: Arguments, options: Options) -> Named:
    return _read(addresses(args[2] if len(args) > 2 else options.get("model_file")))


def _database_file(args: Arguments, options: Options) -> Named:
    """DuckDB: a file, made if it is not there; nothing is one in memory."""
    value = _first(args, options)
    text = os.fsdecode(value) if isinstance(value, str | PurePath) else ""
    if not text or text.startswith(":") or is_url(text):
        return _read(addresses(text) if is_url(text) else Found())
    address = file_address(text)
    return Named((address,)) if os.path.exists(text) else Named(wrote=(address,))


def _quoted(args: Arguments, options: Options) -> Named:
    read: list[Address] = []
    wrote: list[Address] = []
    notes: list[str] = []
    for literal, found in quoted(_first(args, options)):
        (wrote if literal.wrote else read).extend(found.addresses)
        notes += found.notes
    return Named(tuple(read), tuple(wrote), tuple(notes))


def _uri(args: Arguments, options: Options) -> Named:
    """XGBoost: ``train.libsvm?format=libsvm#cache``; LightGBM: a path or several."""
    value = _first(args, options)
    if isinstance(value, str) and not os.path.exists(value):
        value = value.partition("?")[0].partition("#")[0]
    paths = value if isinstance(value, list | tuple) else (value,)
    if all(isinstance(path, str | PurePath) for path in paths[:100]):
        return _read(addresses(value))
    return Named()  # the data itself


def _data_set(args: Arguments, options: Options) -> Named:
    """Hugging Face: files, a folder, or a name on its hub."""
    files = options.get("data_files") or options.get("data_dir")
    value = files if files is not None else _first(args, options)
    found = addresses(value)
    if files is None and isinstance(value, str) and not found.addresses and not is_url(value):
        hub = url_address(f"hf://datasets/{value}")
        return Named((hub,) if hub and value.count("/") <= 1 else ())
    return _read(found)


def _request(args: Arguments, options: Options) -> Named:
    """HTTPX: what is sent says its method and URL."""
    request = _first(args, options) if args else options.get("request")
    method = getattr(request, "method", "")
    address = url_address(str(getattr(request, "url", "")))
    if address is None or method not in ("GET", "PUT"):
        return Named()
    return Named(wrote=(address,)) if method == "PUT" else Named((address,))


def _rows(
    module: str, names: str, find: Callable[[Arguments, Options], Named] = _path, **kind: bool
) -> tuple[Reader, ...]:
    return tuple(Reader(module, name, find, **kind) for name in names.split())


_PANDAS = (
    "read_parquet read_orc read_feather read_sas read_spss read_excel read_csv read_table read_fwf "
    "read_json read_xml read_html read_stata read_pickle read_hdf"
)
_POLARS = (
    "read_csv read_csv_batched read_parquet read_ipc read_ipc_stream read_json read_ndjson "
    "read_avro read_excel read_ods read_delta read_lines scan_csv scan_parquet scan_ipc "
    "scan_ndjson scan_delta scan_iceberg scan_lance scan_lines"
)
_POLARS_WRITERS = (
    "DataFrame.write_csv DataFrame.write_parquet DataFrame.write_ipc DataFrame.write_ndjson "
    "DataFrame.write_json DataFrame.write_avro LazyFrame.sink_csv LazyFrame.sink_parquet "
    "LazyFrame.sink_ipc LazyFrame.sink_ndjson"
)
_DUCKDB_FILES = "read_csv read_parquet read_json from_csv_auto from_parquet"
_DUCKDB_QUERIES = "sql query execute executemany from_query"

READERS: tuple[Reader, ...] = (
    *_rows("pandas", _PANDAS),
    *_rows("pandas", "read_sql read_sql_query read_sql_table", _query),
    *_rows("pandas", "HDFStore", _with_mode),
    *_rows("geopandas", "read_file read_parquet read_feather"),
    *_rows("pyarrow", "memory_map"),
    *_rows("pyarrow.parquet", "read_table read_pandas ParquetFile ParquetDataset"),
    *_rows("pyarrow.csv", "read_csv open_csv"),
    *_rows("pyarrow.json", "read_json open_json"),
    *_rows("pyarrow.orc", "read_table ORCFile"),
    *_rows("pyarrow.feather", "read_table read_feather"),
    *_rows("pyarrow.ipc", "open_file open_stream"),
    *_rows("pyarrow.dataset", "dataset"),
    *_rows("polars", _POLARS),
    *_rows("polars", "read_database read_database_uri", _query),
    *_rows("h5py", "File", _with_mode),
    *_rows("netCDF4", "Dataset", _with_mode),
    *_rows("xarray", "open_dataset open_mfdataset open_dataarray open_zarr load_dataset"),
    *_rows("duckdb", "connect", _database_file),
    *_rows("duckdb", _DUCKDB_FILES),
    *_rows("duckdb", _DUCKDB_QUERIES, _quoted, asks_its_caller=True),
    *_rows("duckdb", " ".join(f"DuckDBPyConnection.{n}" for n in _DUCKDB_FILES.split())),
    *_rows(
        "duckdb",
        " ".join(f"DuckDBPyConnection.{n}" for n in _DUCKDB_QUERIES.split()),
        _quoted,
        asks_its_caller=True,
    ),
    *_rows("xgboost", "DMatrix QuantileDMatrix", _uri),
    *_rows("lightgbm", "Dataset", _uri),
    *_rows("torch", "load"),
    *_rows("safetensors.torch", "load_file"),
    *_rows("safetensors.numpy", "load_file"),
    *_rows("datasets", "load_dataset", _data_set),
    *_rows("httpx", "Client.send", _request),
    *_rows("xgboost", "Booster.load_model"),
    *_rows("lightgbm", "Booster", _model_file),
    *_rows("pandas", "DataFrame.to_parquet DataFrame.to_feather DataFrame.to_orc", _written),
    *_rows("pandas", "DataFrame.to_sql Series.to_sql", _table_written),
    *_rows("polars", _POLARS_WRITERS, _written),
    *_rows("pyarrow.parquet", "write_table", _second_written),
    *_rows("pyarrow.feather", "write_feather", _second_written),
    *_rows("torch", "save", _second_written),
    *_rows("xgboost", "Booster.save_model", _written),
    *_rows("lightgbm", "Booster.save_model", _written),
)

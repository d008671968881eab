"""Whether opening a file could run code, by its content; nothing is ever loaded or executed.

``scan``        the entry: all files of a model; ``contents`` decides what each is
``kinds``       by first bytes; ``polyglots`` are two kinds at once; ``streams`` parts of a stream
``contract``    what all scanners share: limits, and what a look inside gives
``wording``     hostile names as text that can be shown
``refusals``    why something is refused, and what to do about it

Pickles, by interpretation with stand-ins for all values:

``pickles``       streams of pickles: plain, torch's old form, joblib's with arrays in between
``machine``       the loop over instructions; ``quick`` are the frequent ones
``instructions``  all of them by their byte: ``constants``, ``gathering``, ``asking``
``memory``        stack, marks, memo and what was found; ``values`` the stand-ins
``hashing``       how much work a key is that has parts in parts
``reader``        a window on a stream; ``texts`` its texts
``calls``         what each name may be called with
``states``        what an instance may be filled with; ``layouts`` of NumPy's arrays
``allowlist``     the exact names that are known, and what may be done with each; the lists
                  themselves are ``allowlist_python``, ``allowlist_numpy``, ``allowlist_pandas``,
                  ``allowlist_sklearn``, ``allowlist_boosters`` and ``allowlist_torch``
``joblib_arrays`` raw arrays between instructions
``torch_streams`` raw numbers behind pickles

Containers and other forms:

``zips``          a strict reader; ``archives`` what is inside; ``torchzip``, ``skops_files``
``compressed``    gzip, bz2, xz, lzma, zlib, zstd and lz4, by ``unpacking`` within bounds
``frames``        zstd and lz4, step by step; ``tars``
``sevenzip``      7-Zip archives, told of by ``sevenzip_headers``, unpacked by ``sevenzip_coders``
``numpy_files``   numbers accounted for to the last byte, as ``safetensors``, ``gguf``, ``boosters``
``dmatrix``       tables of XGBoost, likewise
``tensor_table``  the header of safetensors, read in this one way by all that read such files
``hdf5``          its attributes; ``hdf5_objects`` the form itself, ``hdf5_datasets`` what they hold
``protobuf``      the wire format; ``onnx`` with ``onnx_tensors``, ``savedmodel`` and ``savedparts``
``media``         pictures and tables; ``pictures`` that say how long they are
``mat_files``     variables of MATLAB; ``pdfs``, by their ``pdf_streams``
``sqlite_files``  values of databases, by their ``sqlite_pages``
``plain_text``    text; ``documents``, ``json_files``, ``keras_config``, ``notebooks``,
                  ``templates``; ``settings`` that name code, and ``targets`` they may name;
                  ``recipes`` by which tools fetch, install or run something
"""

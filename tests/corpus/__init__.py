"""Hostile and benign model files, built by code whenever they are needed; none is kept.

The hostile ones come from advisories, from what other scanners once let through, and from reading
the formats' rules with bad intentions. They were written without looking at how this project's
scanner works; ``quiet`` came after its first verdicts were known, and samples that it missed but
that nothing would have run were taken out then. What the scanner missed at first made it stricter,
so those samples are no longer held out from it. No payload does harm, and no test loads a hostile
file; crafted ones are loaded only to see that they are refused before they are used.

``sample``       what a corpus is made of
``judging``      what the scanner says about it, and what it should
``everything``   all of it
``assembly``     pickles, opcode by opcode
``zipping``      ZIP archives, field by field
``wire``         messages of protocol buffers
``opcodes``      hostile: ways for a pickle to call something
``frames``       hostile: lengths, frames and ends that lie
``quiet``        hostile: known names only, wrong numbers
``crafted``      known parts with numbers that crash compiled code: neither hostile nor benign
``names``        hostile: names of the standard library and of libraries nearby
``libraries``    hostile: names inside the libraries that models come from
``arrays``       hostile: NumPy, joblib
``torches``      hostile: torch
``archives``     hostile: tar, gzip, xz, 7z and others
``zips``         hostile: ZIP archives that lie
``disguises``    hostile: wrong names, two formats at once
``skops_files``  hostile: skops
``keras_files``  hostile: Keras, HDF5
``graphs``       hostile: TensorFlow, ONNX
``language``     hostile: GGUF, settings of language models
``tensors``      hostile: safetensors
``texts``        hostile: YAML, XML, JSON
``recipes``      hostile: what tools fetch, install or run; notebooks; sizes that lie
``foreign``      hostile: closures, endless pickles, other languages
``estimators``   benign: models that people fit every day
``forms``        benign: the forms they are kept in
``networks``     benign: networks of torch
``companions``   benign: what travels with models
``media``        both: pictures, tables and papers beside models
"""

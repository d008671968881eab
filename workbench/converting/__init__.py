"""Models in safer forms: written without code, loaded back, and proven to say the same.

================= ==============================================================================
safer             a model in the kernel written in the safest form there is, with proof
choices           the forms that a model can leave in, for whoever may choose
loading           a model opened from such a form, and from no other
pickled           a model made of a pickle, for whoever insists, by exact names only
proof             what a model says on a sample, before and after
skops_form        scikit-learn, as skops files
searches          a search among such models without what it drew its settings from
sound             the parts of such a model that compiled code trusts, checked after loading
xgboost_form      XGBoost, as JSON whose trees are checked before the library reads them
lightgbm_form     LightGBM, as text whose trees are checked likewise
trees             what both share: the walk through a tree, and what is wrong in words
boosted           boosted trees of all three libraries in one shape, as predictions need them
boosted_onnx      such trees as operations of ONNX
onnx_gaps         values in place of missing ones, for trees that ask just there
onnx_form         any of these and networks as ONNX, by whichever converter is installed
onnx_model        such a model looked into, opened, and asked
networks          PyTorch networks and tables of numbers, as safetensors; what is left to build
tensors           the safetensors format itself, read strictly
unloadable        the error of a file that is no model, in one way for all forms
================= ==============================================================================
"""

"""Names in pickles of torch, by role; made from version 2.13."""

from __future__ import annotations

__all__ = ["NAMES"]

NAMES: dict[str, dict[str, str]] = {
    "model": {
        "torch.utils.data.dataset": "Subset TensorDataset",
        "torch.nn.modules.activation": (
            "CELU ELU GELU GLU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid "
            "LogSoftmax Mish MultiheadAttention PReLU RReLU ReLU ReLU6 SELU SiLU Sigmoid Softmax "
            "Softmax2d Softmin Softplus Softshrink Softsign Tanh Tanhshrink Threshold"
        ),
        "torch.nn.modules.adaptive": "AdaptiveLogSoftmaxWithLoss",
        "torch.nn.modules.batchnorm": (
            "BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm _BatchNorm _NormBase"
        ),
        "torch.nn.modules.channelshuffle": "ChannelShuffle",
        "torch.nn.modules.container": (
            "Container ModuleDict ModuleList ParameterDict ParameterList Sequential"
        ),
        "torch.nn.modules.conv": (
            "Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d _ConvNd "
            "_ConvTransposeMixin _ConvTransposeNd"
        ),
        "torch.nn.modules.distance": "CosineSimilarity PairwiseDistance",
        "torch.nn.modules.dropout": (
            "AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout _DropoutNd"
        ),
        "torch.nn.modules.flatten": "Flatten Unflatten",
        "torch.nn.modules.fold": "Fold Unfold",
        "torch.nn.modules.instancenorm": (
            "InstanceNorm1d InstanceNorm2d InstanceNorm3d _InstanceNorm"
        ),
        "torch.nn.modules.linear": "Bilinear Identity Linear NonDynamicallyQuantizableLinear",
        "torch.nn.modules.loss": (
            "BCELoss BCEWithLogitsLoss CTCLoss CosineEmbeddingLoss CrossEntropyLoss "
            "GaussianNLLLoss HingeEmbeddingLoss HuberLoss KLDivLoss L1Loss LinearCrossEntropyLoss "
            "MSELoss MarginRankingLoss MultiLabelMarginLoss MultiLabelSoftMarginLoss "
            "MultiMarginLoss NLLLoss NLLLoss2d PoissonNLLLoss SmoothL1Loss SoftMarginLoss "
            "TripletMarginLoss TripletMarginWithDistanceLoss _Loss _WeightedLoss"
        ),
        "torch.nn.modules.module": "Module",
        "torch.nn.modules.normalization": (
            "CrossMapLRN2d GroupNorm LayerNorm LocalResponseNorm RMSNorm"
        ),
        "torch.nn.modules.padding": (
            "CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d "
            "ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d "
            "ReplicationPad3d ZeroPad1d ZeroPad2d ZeroPad3d _CircularPadNd _ConstantPadNd "
            "_ReflectionPadNd _ReplicationPadNd"
        ),
        "torch.nn.modules.pixelshuffle": "PixelShuffle PixelUnshuffle",
        "torch.nn.modules.pooling": (
            "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d "
            "AdaptiveMaxPool2d AdaptiveMaxPool3d AvgPool1d AvgPool2d AvgPool3d "
            "FractionalMaxPool2d FractionalMaxPool3d LPPool1d LPPool2d LPPool3d MaxPool1d "
            "MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d _AdaptiveAvgPoolNd "
            "_AdaptiveMaxPoolNd _AvgPoolNd _LPPoolNd _MaxPoolNd _MaxUnpoolNd"
        ),
        "torch.nn.modules.rnn": "GRU GRUCell LSTM LSTMCell RNN RNNBase RNNCell RNNCellBase",
        "torch.nn.modules.sparse": "Embedding EmbeddingBag",
        "torch.nn.modules.transformer": (
            "Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder "
            "TransformerEncoderLayer"
        ),
        "torch.nn.modules.upsampling": "Upsample UpsamplingBilinear2d UpsamplingNearest2d",
        "torch.optim.adadelta": "Adadelta",
        "torch.optim.adagrad": "Adagrad",
        "torch.optim.adam": "Adam",
        "torch.optim.adamax": "Adamax",
        "torch.optim.adamw": "AdamW",
        "torch.optim.nadam": "NAdam",
        "torch.optim.radam": "RAdam",
        "torch.optim.rmsprop": "RMSprop",
        "torch.optim.sgd": "SGD",
    },
    "value": {
        "torch": (
            "Tensor bfloat16 bit bits16 bits1x8 bits2x4 bits4x2 bits8 bool cdouble cfloat chalf "
            "channels_last complex128 complex32 complex64 contiguous_format double float float16 "
            "float32 float4_e2m1fn_x2 float64 float8_e4m3fn float8_e4m3fnuz float8_e5m2 "
            "float8_e5m2fnuz float8_e8m0fnu half int int1 int16 int2 int3 int32 int4 int5 int6 "
            "int64 int7 int8 long per_channel_affine per_tensor_affine preserve_format qint32 "
            "qint8 quint2x4 quint4x2 quint8 short sparse_coo strided uint1 uint16 uint2 uint3 "
            "uint32 uint4 uint5 uint6 uint64 uint7 uint8"
        ),
        "torch._C._nn": "gelu",
        "torch.nn.functional": (
            "elu gelu hardswish hardtanh leaky_relu log_softmax mish relu relu6 selu sigmoid silu "
            "softmax tanh"
        ),
    },
    "plain": {
        "torch": "Size device",
        "torch._utils": "_rebuild_meta_tensor_no_storage",
    },
    "tensor": {
        "torch._utils": "_rebuild_qtensor _rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3",
    },
    "parameter": {
        "torch._utils": "_rebuild_parameter",
    },
    "layout": {
        "torch.serialization": "_get_layout",
    },
    "nested": {
        "torch.storage": "_load_from_bytes",
    },
    "sparse": {
        "torch._utils": "_rebuild_sparse_tensor",
    },
    "storage-1": {
        "torch": (
            "BoolStorage ByteStorage CharStorage QInt8Storage QUInt2x4Storage QUInt4x2Storage "
            "QUInt8Storage"
        ),
        "torch.storage torch": "UntypedStorage",
    },
    "storage-2": {
        "torch": "BFloat16Storage HalfStorage ShortStorage",
    },
    "storage-4": {
        "torch": "FloatStorage IntStorage QInt32Storage Storage",
    },
    "storage-8": {
        "torch": "ComplexFloatStorage DoubleStorage LongStorage",
    },
    "storage-16": {
        "torch": "ComplexDoubleStorage",
    },
}

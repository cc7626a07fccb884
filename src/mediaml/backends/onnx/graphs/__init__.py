"""The networks as ONNX graphs, one a file: the same function of the same weights as in MXNet."""

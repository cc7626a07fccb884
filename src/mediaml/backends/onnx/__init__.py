"""Models on this machine without MXNet: networks as ONNX graphs, run by ONNX Runtime."""

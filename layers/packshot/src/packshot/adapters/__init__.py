"""Behind the ports: the only code that knows boto3 and ONNX. It raises nothing but Packshot's own errors."""

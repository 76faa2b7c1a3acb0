"""What runs inside the evaluation Job: models and data in, a result document out. It measures and never judges."""

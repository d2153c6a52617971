from .metric import SHOPPERS, Metric, Sums, Value, add
from .registry import METRICS, measures_of

__all__ = ["METRICS", "SHOPPERS", "Metric", "Sums", "Value", "add", "measures_of"]

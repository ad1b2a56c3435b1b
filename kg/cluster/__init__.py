"""The engine on Apache Spark: the extractor reads papers on the workers of a cluster. The home of pyspark."""

"""Apache Kafka itself beside Ottla: its jars, a cluster of it, and the script that both play."""

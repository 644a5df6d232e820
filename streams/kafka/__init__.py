"""Between the engine and Kafka: what reads, writes and keeps; and the broker and topics for it."""

/// A whole Martlet on several brokers and database members, each with a network of its own.
public actor Cluster {}

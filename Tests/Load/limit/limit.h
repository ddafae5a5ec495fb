// The path of a message with nothing but the C libraries: what the broker, the database and this machine allow.
#pragma once

#include <mongoc/mongoc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#endif

enum {
  limit_shards = 8,
  limit_batch = 256,
  limit_prefetch = 512,
  limit_text = 100,
  /// Latencies that are kept at most.
  limit_samples = 1 << 22,
};

/// What travels in place of the JSON of a command, and about as long.
struct message {
  int64_t sent_at;
  uint32_t index;
  uint32_t conversation;
  uint8_t sender[16];
  uint8_t id[16];
  char text[limit_text + 1];
  char rest[155];
};

/// What the command line says.
struct limit_options {
  const char *broker_host;
  int broker_port;
  const char *virtual_host;
  const char *broker_user;
  const char *broker_password;
  const char *database;
  int window;
  /// Messages each second, at most `window` in flight; 0 for as many as go.
  double rate;
  int lanes;
  int conversations;
  double warmup;
  double seconds;
  const char *json;
  /// Processes whose processor time is counted, with their names.
  int processes;
  int pids[8];
  const char *names[8];
};

extern struct limit_options options;

/// Nanoseconds of the monotonic clock.
int64_t limit_now(void);
/// Ends the program with a reason.
_Noreturn void limit_fail(const char *what, const char *why);

// broker.c
amqp_connection_state_t broker_connect(void);
void broker_check(amqp_connection_state_t connection, const char *what);
void broker_declare_shard(amqp_connection_state_t connection, int shard);
void broker_declare_answers(amqp_connection_state_t connection, const char *queue);
void broker_delete(amqp_connection_state_t connection, const char *queue);
void broker_consume(amqp_connection_state_t connection, const char *queue, bool acknowledges);
void broker_publish(
    amqp_connection_state_t connection, const char *queue, bool persistent, const void *body, size_t length);
/// Reads confirms until all publishes up to the number are confirmed; does not wait unless told to.
void broker_confirms(amqp_connection_state_t connection, uint64_t *confirmed, uint64_t wanted, bool waits);
void shard_name(char name[32], int shard);

// database.c
struct database;
/// Deletes what an earlier run has left, makes indexes and conversations.
void database_prepare(void);
void database_delete(void);
struct database *database_open(void);
/// Stores a batch: the messages, in order, and then the summaries of their conversations.
void database_store(struct database *database, const struct message *batch, int count);

// lane.c
/// Runs a lane; the argument is its number.
void *lane_run(void *number);
extern atomic_int limit_ready;

// report.c
struct process_use {
  double own;
  double others[8];
};
struct process_use process_use_now(void);
void report_write(
    uint32_t *microseconds, size_t count, double seconds, const struct process_use *before,
    const struct process_use *after);

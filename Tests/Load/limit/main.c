#include "limit.h"

#include <getopt.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

struct limit_options options = {
    .broker_host = "127.0.0.1", .broker_port = 5672, .virtual_host = "/", .broker_user = "guest",
    .window = 32, .lanes = 2, .conversations = 50, .warmup = 2, .seconds = 8,
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static uint32_t replied;
static atomic_uint shown;
static uint32_t *latencies;
static size_t latency_count;
static _Atomic int64_t measured_from = INT64_MAX, measured_to = INT64_MAX;

int64_t limit_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

void limit_fail(const char *what, const char *why) {
  fprintf(stderr, "martlet-limit: %s: %s\n", what, why ? why : "no reason given");
  _exit(1);
}

/// The receiving gateway: takes what was answered and what was announced.
static void *receive(void *unused) {
  (void)unused;
  amqp_connection_state_t connection = broker_connect();
  broker_declare_answers(connection, "limit.replies");
  broker_declare_answers(connection, "limit.events");
  broker_consume(connection, "limit.replies", false);
  broker_consume(connection, "limit.events", false);
  limit_ready++;
  for (;;) {
    amqp_envelope_t envelope;
    amqp_maybe_release_buffers(connection);
    amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, NULL, 0);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
      limit_fail("nothing is received", amqp_error_string2(reply.library_error));
    }
    uint32_t count = (uint32_t)(envelope.message.body.len / sizeof(struct message));
    if (envelope.routing_key.len == strlen("limit.replies")) {
      pthread_mutex_lock(&lock);
      replied += count;
      pthread_cond_signal(&changed);
      pthread_mutex_unlock(&lock);
    } else {
      int64_t time = limit_now();
      for (uint32_t i = 0; i < count; i++) {
        struct message message;
        memcpy(&message, (char *)envelope.message.body.bytes + i * sizeof message, sizeof message);
        if (time < measured_from || time >= measured_to) continue;
        if (latency_count < limit_samples) latencies[latency_count] = (uint32_t)((time - message.sent_at) / 1000);
        latency_count++;
      }
      shown += count;
    }
    amqp_destroy_envelope(&envelope);
  }
}

/// All senders and their gateway: keeps so many messages in flight until the time is over, or sends at a fixed rate.
static uint32_t publish_all(amqp_connection_state_t connection, int64_t end) {
  uint64_t confirmed = 0;
  uint32_t sent = 0;
  char name[32];
  struct message message;
  memset(&message, 0, sizeof message);
  memset(message.text, 'x', limit_text);
  int64_t begin = limit_now();
  while (limit_now() < end) {
    int64_t due = begin + (int64_t)((double)sent * 1e9 / (options.rate > 0 ? options.rate : 1));
    if (options.rate > 0) {
      struct timespec moment = {due / 1000000000, due % 1000000000};
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, NULL);
    }
    pthread_mutex_lock(&lock);
    while (sent - replied >= (uint32_t)options.window) pthread_cond_wait(&changed, &lock);
    uint32_t room = (uint32_t)options.window - (sent - replied);
    pthread_mutex_unlock(&lock);
    if (options.rate > 0) room = 1;
    for (; room > 0; room--) {
      message.conversation = sent % (uint32_t)options.conversations;
      message.index = sent;
      memcpy(message.id, &sent, sizeof sent);
      message.sent_at = options.rate > 0 ? due : limit_now();
      shard_name(name, (int)(message.conversation % limit_shards));
      broker_publish(connection, name, true, &message, sizeof message);
      sent++;
    }
    broker_confirms(connection, &confirmed, sent, false);
  }
  return sent;
}

static void *measure(void *uses) {
  struct process_use *use = uses;
  while (limit_now() < measured_from) usleep(1000);
  use[0] = process_use_now();
  while (limit_now() < measured_to) usleep(1000);
  use[1] = process_use_now();
  return NULL;
}

static char *password(const char *path) {
  static char text[256];
  FILE *file = fopen(path, "r");
  if (!file || !fgets(text, sizeof text, file)) limit_fail("there is no password in", path);
  fclose(file);
  text[strcspn(text, "\r\n")] = 0;
  return text;
}

static void read_options(int count, char **arguments) {
  static const struct option names[] = {
      {"broker", required_argument, 0, 'b'}, {"virtual-host", required_argument, 0, 'v'},
      {"user", required_argument, 0, 'u'}, {"password-file", required_argument, 0, 'p'},
      {"database", required_argument, 0, 'd'}, {"in-flight", required_argument, 0, 'w'},
      {"lanes", required_argument, 0, 'l'}, {"rate", required_argument, 0, 'r'}, {"conversations", required_argument, 0, 'c'},
      {"warmup", required_argument, 0, 'q'}, {"seconds", required_argument, 0, 's'},
      {"process", required_argument, 0, 'x'}, {"json", required_argument, 0, 'j'}, {0, 0, 0, 0}};
  for (int option; (option = getopt_long(count, arguments, "", names, NULL)) != -1;) {
    char *cut = NULL;
    switch (option) {
      case 'b':
        cut = strrchr(optarg, ':');
        if (!cut) limit_fail("--broker has to be host:port", optarg);
        *cut = 0;
        options.broker_host = optarg;
        options.broker_port = atoi(cut + 1);
        break;
      case 'v': options.virtual_host = optarg; break;
      case 'u': options.broker_user = optarg; break;
      case 'p': options.broker_password = password(optarg); break;
      case 'd': options.database = optarg; break;
      case 'w': options.window = atoi(optarg); break;
      case 'l': options.lanes = atoi(optarg); break;
      case 'c': options.conversations = atoi(optarg); break;
      case 'r': options.rate = atof(optarg); break;
      case 'q': options.warmup = atof(optarg); break;
      case 's': options.seconds = atof(optarg); break;
      case 'j': options.json = optarg; break;
      case 'x':
        cut = strchr(optarg, '=');
        if (!cut || options.processes == 8) limit_fail("--process has to be name=pid", optarg);
        *cut = 0;
        options.names[options.processes] = optarg;
        options.pids[options.processes++] = atoi(cut + 1);
        break;
      default: limit_fail("unknown option", "see main.c");
    }
  }
  if (!options.database) limit_fail("--database is missing", "mongodb://127.0.0.1:27017/?replicaSet=martlet");
  if (!options.broker_password) options.broker_password = "guest";
  if (options.window < 1 || options.lanes < 1 || options.lanes > limit_shards || options.conversations < 1) {
    limit_fail("--in-flight, --lanes and --conversations have to be at least 1", "lanes at most 8");
  }
}

int main(int count, char **arguments) {
  read_options(count, arguments);
  latencies = calloc(limit_samples, sizeof *latencies);
  mongoc_init();
  database_prepare();
  amqp_connection_state_t publisher = broker_connect();
  for (int shard = 0; shard < limit_shards; shard++) broker_declare_shard(publisher, shard);
  amqp_confirm_select(publisher, 1);
  broker_check(publisher, "confirm.select");

  pthread_t thread;
  pthread_create(&thread, NULL, receive, NULL);
  while (limit_ready < 1) usleep(1000);
  for (int lane = 0; lane < options.lanes; lane++) pthread_create(&thread, NULL, lane_run, (void *)(intptr_t)lane);
  while (limit_ready < options.lanes + 1) usleep(1000);

  struct process_use use[2];
  measured_from = limit_now() + (int64_t)(options.warmup * 1e9);
  measured_to = measured_from + (int64_t)(options.seconds * 1e9);
  pthread_t measuring;
  pthread_create(&measuring, NULL, measure, use);
  uint32_t sent = publish_all(publisher, measured_to);
  pthread_join(measuring, NULL);
  for (int wait = 0; shown < sent; wait++) {
    if (wait == 10000) limit_fail("messages were lost", "not all were received");
    usleep(1000);
  }
  report_write(latencies, latency_count, options.seconds, &use[0], &use[1]);

  // The lanes still have their connections; the queues go with everything in them.
  amqp_connection_state_t end = broker_connect();
  for (int shard = 0; shard < limit_shards; shard++) {
    char name[32];
    shard_name(name, shard);
    broker_delete(end, name);
  }
  database_delete();
  fflush(NULL);
  _exit(0);
}

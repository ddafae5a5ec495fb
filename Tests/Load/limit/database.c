#include "limit.h"

// The documents and indexes of the messages service, see docs/data-model.md.

struct database {
  mongoc_client_t *client;
  mongoc_collection_t *messages;
  mongoc_collection_t *conversations;
  bson_t durable;
};

// Each conversation belongs to one shard, each shard to one lane: no two threads touch the same head.
static int64_t *heads;
// What the summaries show, and when each was written: busy conversations get one a second, as in the service.
static int64_t *summarized;
static int64_t *summarized_at;

static void append_id(bson_t *document, const char *key, int key_length, uint32_t conversation) {
  uint8_t id[16] = {0};
  memcpy(id + 12, &conversation, 4);
  bson_append_binary(document, key, key_length, BSON_SUBTYPE_BINARY, id, 16);
}

static void append_fields(bson_t *document, const struct message *message, int64_t seq, int64_t now) {
  BSON_APPEND_INT64(document, "r", seq);
  BSON_APPEND_BINARY(document, "s", BSON_SUBTYPE_BINARY, message->sender, 16);
  BSON_APPEND_BINARY(document, "i", BSON_SUBTYPE_BINARY, message->id, 16);
  BSON_APPEND_UTF8(document, "t", message->text);
  BSON_APPEND_DATE_TIME(document, "d", now);
}

static int64_t wall_clock(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

struct database *database_open(void) {
  struct database *database = calloc(1, sizeof *database);
  database->client = mongoc_client_new(options.database);
  if (!database->client) limit_fail("this is no address of a database", options.database);
  database->messages = mongoc_client_get_collection(database->client, "limit", "messages");
  database->conversations = mongoc_client_get_collection(database->client, "limit", "conversations");
  bson_init(&database->durable);
  mongoc_write_concern_t *concern = mongoc_write_concern_new();
  mongoc_write_concern_set_wmajority(concern, 10000);
  mongoc_write_concern_set_journal(concern, true);
  mongoc_write_concern_append(concern, &database->durable);
  mongoc_write_concern_destroy(concern);
  BSON_APPEND_BOOL(&database->durable, "ordered", true);
  return database;
}

static void command(struct database *database, const char *json) {
  bson_error_t error;
  bson_t *command = bson_new_from_json((const uint8_t *)json, -1, &error);
  if (!command || !mongoc_client_command_simple(database->client, "limit", command, NULL, NULL, &error)) {
    limit_fail("the database refuses", error.message);
  }
  bson_destroy(command);
}

void database_prepare(void) {
  struct database *database = database_open();
  command(database, "{\"dropDatabase\":1}");
  command(
      database,
      "{\"createIndexes\":\"messages\",\"indexes\":["
      "{\"key\":{\"c\":1,\"s\":1,\"i\":1},\"name\":\"once\",\"unique\":true}]}");
  command(
      database,
      "{\"createIndexes\":\"conversations\",\"indexes\":["
      "{\"key\":{\"u.i\":1,\"a\":-1,\"_id\":1},\"name\":\"activity\"}]}");
  heads = calloc(options.conversations, sizeof *heads);
  summarized = calloc(options.conversations, sizeof *summarized);
  summarized_at = calloc(options.conversations, sizeof *summarized_at);
  for (int i = 0; i < options.conversations; i++) {
    bson_t document = BSON_INITIALIZER, members, member;
    append_id(&document, "_id", -1, i);
    BSON_APPEND_UTF8(&document, "k", "direct");
    BSON_APPEND_INT64(&document, "h", 0);
    BSON_APPEND_INT64(&document, "n", 0);
    BSON_APPEND_ARRAY_BEGIN(&document, "u", &members);
    for (uint32_t place = 0; place < 2; place++) {
      BSON_APPEND_DOCUMENT_BEGIN(&members, place ? "1" : "0", &member);
      append_id(&member, "i", -1, 2 * i + place);
      BSON_APPEND_INT64(&member, "s", 0);
      BSON_APPEND_INT64(&member, "f", 0);
      BSON_APPEND_INT64(&member, "r", 0);
      BSON_APPEND_INT64(&member, "v", 0);
      bson_append_document_end(&members, &member);
    }
    bson_append_array_end(&document, &members);
    BSON_APPEND_DATE_TIME(&document, "d", wall_clock());
    BSON_APPEND_DATE_TIME(&document, "a", wall_clock());
    bson_error_t error;
    if (!mongoc_collection_insert_one(database->conversations, &document, NULL, NULL, &error)) {
      limit_fail("a conversation cannot be stored", error.message);
    }
    bson_destroy(&document);
  }
}

void database_delete(void) { command(database_open(), "{\"dropDatabase\":1}"); }

void database_store(struct database *database, const struct message *batch, int count) {
  static _Thread_local bson_t documents[limit_batch];
  const bson_t *pointers[limit_batch];
  int64_t seqs[limit_batch];
  int64_t now = wall_clock();
  for (int i = 0; i < count; i++) {
    uint32_t conversation = batch[i].conversation;
    seqs[i] = ++heads[conversation];
    uint8_t id[24] = {0};
    memcpy(id + 12, &conversation, 4);
    for (int byte = 0; byte < 8; byte++) id[16 + byte] = (uint8_t)(seqs[i] >> (56 - 8 * byte));
    bson_init(&documents[i]);
    BSON_APPEND_BINARY(&documents[i], "_id", BSON_SUBTYPE_BINARY, id, 24);
    append_id(&documents[i], "c", 1, conversation);
    append_fields(&documents[i], &batch[i], seqs[i], now);
    pointers[i] = &documents[i];
  }
  bson_error_t error;
  if (!mongoc_collection_insert_many(database->messages, pointers, count, &database->durable, NULL, &error)) {
    limit_fail("a batch cannot be stored", error.message);
  }
  for (int i = 0; i < count; i++) bson_destroy(&documents[i]);

  mongoc_bulk_operation_t *bulk =
      mongoc_collection_create_bulk_operation_with_opts(database->conversations, &database->durable);
  int summaries = 0;
  for (int i = 0; i < count; i++) {
    // Only with the newest message of each conversation, onto what the summary was.
    uint32_t conversation = batch[i].conversation;
    if (heads[conversation] != seqs[i] || now - summarized_at[conversation] < 1000) continue;
    int64_t expected = summarized[conversation];
    summarized[conversation] = seqs[i];
    summarized_at[conversation] = now;
    summaries++;
    bson_t filter = BSON_INITIALIZER, update = BSON_INITIALIZER, set, last;
    append_id(&filter, "_id", 3, conversation);
    BSON_APPEND_INT64(&filter, "h", expected);
    BSON_APPEND_DOCUMENT_BEGIN(&update, "$set", &set);
    BSON_APPEND_INT64(&set, "h", seqs[i]);
    BSON_APPEND_INT64(&set, "n", seqs[i]);
    BSON_APPEND_DOCUMENT_BEGIN(&set, "l", &last);
    BSON_APPEND_INT64(&last, "q", seqs[i]);
    append_fields(&last, &batch[i], seqs[i], now);
    bson_append_document_end(&set, &last);
    BSON_APPEND_DATE_TIME(&set, "a", now);
    BSON_APPEND_INT64(&set, "u.0.s", seqs[i]);
    BSON_APPEND_INT64(&set, "u.1.s", 0);
    bson_append_document_end(&update, &set);
    if (!mongoc_bulk_operation_update_one_with_opts(bulk, &filter, &update, NULL, &error)) {
      limit_fail("a summary cannot be written", error.message);
    }
    bson_destroy(&filter);
    bson_destroy(&update);
  }
  if (summaries > 0 && !mongoc_bulk_operation_execute(bulk, NULL, &error)) {
    limit_fail("the summaries cannot be stored", error.message);
  }
  mongoc_bulk_operation_destroy(bulk);
}

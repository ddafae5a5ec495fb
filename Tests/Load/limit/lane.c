#include "limit.h"

#include <sys/time.h>

atomic_int limit_ready;

static int gather(amqp_connection_state_t consumer, struct message *batch, uint64_t *tag) {
  int count = 0;
  while (count < limit_batch) {
    struct timeval none = {0, 0};
    amqp_envelope_t envelope;
    amqp_maybe_release_buffers(consumer);
    amqp_rpc_reply_t reply = amqp_consume_message(consumer, &envelope, count ? &none : NULL, 0);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
      if (count && reply.library_error == AMQP_STATUS_TIMEOUT) break;
      limit_fail("a lane gets nothing", amqp_error_string2(reply.library_error));
    }
    if (envelope.message.body.len != sizeof *batch) limit_fail("a lane got something strange", "length");
    memcpy(&batch[count++], envelope.message.body.bytes, sizeof *batch);
    *tag = envelope.delivery_tag;
    amqp_destroy_envelope(&envelope);
  }
  return count;
}

void *lane_run(void *number) {
  int lane = (int)(intptr_t)number;
  amqp_connection_state_t consumer = broker_connect(), publisher = broker_connect();
  amqp_confirm_select(publisher, 1);
  broker_check(publisher, "confirm.select");
  amqp_basic_qos(consumer, 1, 0, limit_prefetch, 0);
  broker_check(consumer, "basic.qos");
  for (int shard = lane; shard < limit_shards; shard += options.lanes) {
    char name[32];
    shard_name(name, shard);
    broker_consume(consumer, name, true);
  }
  struct database *database = database_open();
  struct message *batch = calloc(limit_batch, sizeof *batch);
  uint64_t published = 0, confirmed = 0;
  limit_ready++;
  for (;;) {
    uint64_t tag = 0;
    int count = gather(consumer, batch, &tag);
    database_store(database, batch, count);
    broker_publish(publisher, "limit.replies", false, batch, count * sizeof *batch);
    broker_publish(publisher, "limit.events", false, batch, count * sizeof *batch);
    published += 2;
    broker_confirms(publisher, &confirmed, published, true);
    int status = amqp_basic_ack(consumer, 1, tag, 1);
    if (status != AMQP_STATUS_OK) limit_fail("basic.ack", amqp_error_string2(status));
  }
}

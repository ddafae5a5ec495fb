#include "limit.h"

#include <sys/time.h>

void broker_check(amqp_connection_state_t connection, const char *what) {
  amqp_rpc_reply_t reply = amqp_get_rpc_reply(connection);
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) limit_fail(what, amqp_error_string2(reply.library_error));
}

amqp_connection_state_t broker_connect(void) {
  amqp_connection_state_t connection = amqp_new_connection();
  amqp_socket_t *socket = amqp_tcp_socket_new(connection);
  if (!socket || amqp_socket_open(socket, options.broker_host, options.broker_port)) {
    limit_fail("the broker does not answer", options.broker_host);
  }
  amqp_rpc_reply_t reply = amqp_login(
      connection, options.virtual_host, 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, options.broker_user,
      options.broker_password);
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) limit_fail("the broker refuses", options.broker_user);
  amqp_channel_open(connection, 1);
  broker_check(connection, "channel.open");
  return connection;
}

void shard_name(char name[32], int shard) { snprintf(name, 32, "limit.%d", shard); }

void broker_delete(amqp_connection_state_t connection, const char *queue) {
  amqp_queue_delete(connection, 1, amqp_cstring_bytes(queue), 0, 0);
  broker_check(connection, "queue.delete");
}

void broker_declare_shard(amqp_connection_state_t connection, int shard) {
  char name[32];
  shard_name(name, shard);
  broker_delete(connection, name);
  amqp_table_entry_t entries[2];
  entries[0].key = amqp_cstring_bytes("x-queue-type");
  entries[0].value.kind = AMQP_FIELD_KIND_UTF8;
  entries[0].value.value.bytes = amqp_cstring_bytes("quorum");
  entries[1].key = amqp_cstring_bytes("x-single-active-consumer");
  entries[1].value.kind = AMQP_FIELD_KIND_BOOLEAN;
  entries[1].value.value.boolean = 1;
  amqp_table_t arguments = {2, entries};
  amqp_queue_declare(connection, 1, amqp_cstring_bytes(name), 0, 1, 0, 0, arguments);
  broker_check(connection, "queue.declare");
}

void broker_declare_answers(amqp_connection_state_t connection, const char *queue) {
  amqp_queue_declare(connection, 1, amqp_cstring_bytes(queue), 0, 0, 1, 1, amqp_empty_table);
  broker_check(connection, "queue.declare");
}

void broker_consume(amqp_connection_state_t connection, const char *queue, bool acknowledges) {
  amqp_basic_consume(
      connection, 1, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, !acknowledges, 0, amqp_empty_table);
  broker_check(connection, "basic.consume");
}

void broker_publish(
    amqp_connection_state_t connection, const char *queue, bool persistent, const void *body, size_t length) {
  amqp_basic_properties_t properties;
  memset(&properties, 0, sizeof properties);
  properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
  properties.delivery_mode = persistent ? 2 : 1;
  amqp_bytes_t bytes = {length, (void *)body};
  int status = amqp_basic_publish(
      connection, 1, amqp_empty_bytes, amqp_cstring_bytes(queue), 1, 0, &properties, bytes);
  if (status != AMQP_STATUS_OK) limit_fail("basic.publish", amqp_error_string2(status));
}

void broker_confirms(amqp_connection_state_t connection, uint64_t *confirmed, uint64_t wanted, bool waits) {
  while (*confirmed < wanted) {
    amqp_frame_t frame;
    struct timeval none = {0, 0};
    amqp_maybe_release_buffers(connection);
    int status = amqp_simple_wait_frame_noblock(connection, &frame, waits ? NULL : &none);
    if (status == AMQP_STATUS_TIMEOUT) return;
    if (status != AMQP_STATUS_OK) limit_fail("confirms", amqp_error_string2(status));
    if (frame.frame_type != AMQP_FRAME_METHOD) continue;
    switch (frame.payload.method.id) {
      case AMQP_BASIC_ACK_METHOD: {
        amqp_basic_ack_t *ack = frame.payload.method.decoded;
        // Tags of single confirms can come out of order; on a queue each, they rise.
        if (ack->delivery_tag > *confirmed) *confirmed = ack->delivery_tag;
        break;
      }
      case AMQP_BASIC_NACK_METHOD: limit_fail("the broker refused a message", "basic.nack");
      case AMQP_BASIC_RETURN_METHOD: limit_fail("a message has no queue", "basic.return");
      default: break;
    }
  }
}

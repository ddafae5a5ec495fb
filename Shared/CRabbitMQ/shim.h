#pragma once
#include <sys/eventfd.h>
#include <sys/prctl.h>
#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#include <rabbitmq-c/ssl_socket.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#endif

// Swift imports no variadic functions.
static inline amqp_rpc_reply_t martlet_amqp_login_plain(
    amqp_connection_state_t connection, char const *virtual_host, int channel_max, int frame_max, int heartbeat,
    const amqp_table_t *properties, char const *username, char const *password) {
  return amqp_login_with_properties(
      connection, virtual_host, channel_max, frame_max, heartbeat, properties, AMQP_SASL_METHOD_PLAIN, username,
      password);
}

// Flags that are enumerators of an anonymous enum do not always come over.
static inline int martlet_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

// At most 15 bytes are shown.
static inline void martlet_name_this_thread(char const *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

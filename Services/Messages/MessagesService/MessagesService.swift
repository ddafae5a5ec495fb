// The messages service: conversations and messages.

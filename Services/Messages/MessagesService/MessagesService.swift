// MessagesService

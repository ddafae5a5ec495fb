#pragma once
#include <stdlib.h>
#include <sys/prctl.h>
#include <mongoc/mongoc.h>

// libbson aligns bson_t to 128 bytes, more than Swift can lay out, so these inline functions keep every bson_t in C:
// documents cross the border as bytes and length.

/// One element of a document. The pointers point into the bytes that were read, and were checked against their bounds.
typedef struct {
    uint8_t type;
    uint8_t subtype;
    const uint8_t *key;
    size_t key_length;
    /// UTF-8 text, a document, an array, binary data, an object id or a regular expression's pattern.
    const uint8_t *bytes;
    size_t length;
    /// A regular expression's options.
    const uint8_t *options;
    size_t options_length;
    /// int32, int64, bool, date; seconds of a timestamp; the high half of a decimal128.
    int64_t integer;
    /// The increment of a timestamp; the low half of a decimal128.
    uint64_t low;
    double number;
} martlet_bson_element;

static inline bool martlet_bson_inside(const uint8_t *data, size_t size, const uint8_t *part, size_t length) {
    return part >= data && part <= data + size && length <= (size_t)(data + size - part);
}

/// Reads the element at which `iterator` stands; false if any part of it lies outside `data`.
static inline bool martlet_bson_read(
    const uint8_t *data, size_t size, const bson_iter_t *iterator, martlet_bson_element *element) {
    memset(element, 0, sizeof *element);
    element->type = (uint8_t)bson_iter_type(iterator);
    element->key = (const uint8_t *)bson_iter_key(iterator);
    element->key_length = bson_iter_key_len(iterator);
    uint32_t length = 0;
    switch (bson_iter_type(iterator)) {
    case BSON_TYPE_DOUBLE:
        element->number = bson_iter_double(iterator);
        break;
    case BSON_TYPE_UTF8:
        element->bytes = (const uint8_t *)bson_iter_utf8(iterator, &length);
        element->length = length;
        break;
    case BSON_TYPE_DOCUMENT:
        bson_iter_document(iterator, &length, &element->bytes);
        element->length = length;
        break;
    case BSON_TYPE_ARRAY:
        bson_iter_array(iterator, &length, &element->bytes);
        element->length = length;
        break;
    case BSON_TYPE_BINARY: {
        bson_subtype_t subtype = BSON_SUBTYPE_BINARY;
        bson_iter_binary(iterator, &subtype, &length, &element->bytes);
        element->subtype = (uint8_t)subtype;
        element->length = length;
        break;
    }
    case BSON_TYPE_OID:
        element->bytes = bson_iter_oid(iterator)->bytes;
        element->length = 12;
        break;
    case BSON_TYPE_BOOL:
        element->integer = bson_iter_bool(iterator);
        break;
    case BSON_TYPE_DATE_TIME:
        element->integer = bson_iter_date_time(iterator);
        break;
    case BSON_TYPE_REGEX: {
        const char *options = NULL;
        const char *pattern = bson_iter_regex(iterator, &options);
        element->bytes = (const uint8_t *)pattern;
        element->length = pattern ? strlen(pattern) : 0;
        element->options = (const uint8_t *)options;
        element->options_length = options ? strlen(options) : 0;
        break;
    }
    case BSON_TYPE_INT32:
        element->integer = bson_iter_int32(iterator);
        break;
    case BSON_TYPE_INT64:
        element->integer = bson_iter_int64(iterator);
        break;
    case BSON_TYPE_TIMESTAMP: {
        uint32_t seconds = 0, increment = 0;
        bson_iter_timestamp(iterator, &seconds, &increment);
        element->integer = seconds;
        element->low = increment;
        break;
    }
    case BSON_TYPE_DECIMAL128: {
        bson_decimal128_t value;
        if (!bson_iter_decimal128(iterator, &value)) return false;
        element->integer = (int64_t)value.high;
        element->low = value.low;
        break;
    }
    default:
        break;
    }
    if (!martlet_bson_inside(data, size, element->key, element->key_length)) return false;
    if (element->bytes && !martlet_bson_inside(data, size, element->bytes, element->length)) return false;
    if (element->options && !martlet_bson_inside(data, size, element->options, element->options_length)) return false;
    return element->bytes || !element->length;
}

/// Finds the first element of that key. 1: found; 0: not there; -1: the document is damaged.
static inline int martlet_bson_find(
    const uint8_t *data, size_t size, const char *key, size_t key_length, martlet_bson_element *element) {
    bson_t document;
    bson_iter_t iterator;
    if (!bson_init_static(&document, data, size) || !bson_iter_init(&iterator, &document)) return -1;
    while (bson_iter_next(&iterator)) {
        if (bson_iter_key_len(&iterator) != key_length || memcmp(bson_iter_key(&iterator), key, key_length)) continue;
        return martlet_bson_read(data, size, &iterator, element) ? 1 : -1;
    }
    return iterator.err_off ? -1 : 0;
}

/// Gives every element to `visit` until it returns false. False if the document is damaged.
static inline bool martlet_bson_visit(
    const uint8_t *data, size_t size, bool (*visit)(const martlet_bson_element *element, void *context),
    void *context) {
    bson_t document;
    bson_iter_t iterator;
    martlet_bson_element element;
    if (!bson_init_static(&document, data, size) || !bson_iter_init(&iterator, &document)) return false;
    while (bson_iter_next(&iterator)) {
        if (!martlet_bson_read(data, size, &iterator, &element)) return false;
        if (!visit(&element, context)) return true;
    }
    return iterator.err_off == 0;
}

/// Whether it is UTF-8. NUL is allowed as itself, but not in the overlong form that libbson allows together with it.
static inline bool martlet_bson_text(const uint8_t *text, size_t length) {
    while (length) {
        const uint8_t *end = (const uint8_t *)memchr(text, 0, length);
        size_t part = end ? (size_t)(end - text) : length;
        if (!bson_utf8_validate((const char *)text, part, false)) return false;
        if (!end) return true;
        text = end + 1;
        length -= part + 1;
    }
    return true;
}

/// Whether every element can be reached, every text is UTF-8 and no document lies deeper than `depth`.
static inline bool martlet_bson_sound(const uint8_t *data, size_t size, int depth) {
    bson_t document;
    bson_iter_t iterator;
    martlet_bson_element element;
    if (depth <= 0 || !bson_init_static(&document, data, size) || !bson_iter_init(&iterator, &document)) return false;
    while (bson_iter_next(&iterator)) {
        if (!martlet_bson_read(data, size, &iterator, &element)) return false;
        if (!martlet_bson_text(element.key, element.key_length)) return false;
        switch (element.type) {
        case BSON_TYPE_UTF8:
            if (!martlet_bson_text(element.bytes, element.length)) return false;
            break;
        case BSON_TYPE_REGEX:
            if (!martlet_bson_text(element.bytes, element.length)) return false;
            if (!martlet_bson_text(element.options, element.options_length)) return false;
            break;
        case BSON_TYPE_DOCUMENT:
        case BSON_TYPE_ARRAY:
            if (!martlet_bson_sound(element.bytes, element.length, depth - 1)) return false;
            break;
        case BSON_TYPE_CODEWSCOPE:
            return false;
        default:
            break;
        }
    }
    return iterator.err_off == 0;
}

/// Whether the bytes are one whole document with valid UTF-8, at most `depth` levels deep.
///
/// bson_validate alone will not do: it recurses without a limit, and it stops without a word at a text that is not
/// UTF-8, so that it accepts the document and never looks at what follows.
static inline bool martlet_bson_valid(const uint8_t *data, size_t size, int depth) {
    bson_t document;
    size_t offset = 0;
    if (!martlet_bson_sound(data, size, depth) || !bson_init_static(&document, data, size)) return false;
    return bson_validate(&document, BSON_VALIDATE_UTF8 | BSON_VALIDATE_UTF8_ALLOW_NULL, &offset);
}

/// Begins a nested document or array. The result belongs to martlet_bson_end, which must be called before anything
/// else is appended to `parent`.
static inline bson_t *martlet_bson_begin(bson_t *parent, const char *key, int key_length, bool array) {
    void *child = NULL;
    if (posix_memalign(&child, 128, sizeof(bson_t))) abort();
    bool begun = array ? bson_append_array_begin(parent, key, key_length, (bson_t *)child)
                       : bson_append_document_begin(parent, key, key_length, (bson_t *)child);
    if (!begun) abort();
    return (bson_t *)child;
}

static inline bool martlet_bson_end(bson_t *parent, bson_t *child, bool array) {
    bool ended = array ? bson_append_array_end(parent, child) : bson_append_document_end(parent, child);
    free(child);
    return ended;
}

static inline bool martlet_bson_append_nested(
    bson_t *parent, const char *key, int key_length, bool array, const uint8_t *data, size_t size) {
    bson_t child, target;
    if (!bson_init_static(&child, data, size)) return false;
    if (!array) return bson_append_document(parent, key, key_length, &child);
    // bson_append_array prints a warning if the keys are not 0, 1 and so on, which is legal to store.
    return bson_append_array_begin(parent, key, key_length, &target) && bson_concat(&target, &child)
        && bson_append_array_end(parent, &target);
}

static inline bool martlet_bson_append_binary(
    bson_t *bson, const char *key, int key_length, uint8_t subtype, const uint8_t *data, uint32_t size) {
    static const uint8_t nothing = 0;
    return bson_append_binary(bson, key, key_length, (bson_subtype_t)subtype, data ? data : &nothing, size);
}

static inline bool martlet_bson_append_decimal128(
    bson_t *bson, const char *key, int key_length, uint64_t high, uint64_t low) {
    bson_decimal128_t value;
    value.high = high;
    value.low = low;
    return bson_append_decimal128(bson, key, key_length, &value);
}

static inline bool martlet_bson_append_oid(bson_t *bson, const char *key, int key_length, const uint8_t *bytes) {
    bson_oid_t oid;
    memcpy(oid.bytes, bytes, 12);
    return bson_append_oid(bson, key, key_length, &oid);
}

static inline bool martlet_bson_append_regex(
    bson_t *bson, const char *key, int key_length, const char *pattern, const char *options) {
    return bson_append_regex(bson, key, key_length, pattern, options);
}

/// Relaxed Extended JSON for people; NULL if the document is damaged. The caller frees it with bson_free.
static inline char *martlet_bson_json(const uint8_t *data, size_t size, size_t *length) {
    bson_t document;
    if (!bson_init_static(&document, data, size)) return NULL;
    return bson_as_relaxed_extended_json(&document, length);
}

/// What a call of the driver gave: an error if it failed, and the server's answer as bytes from bson_malloc.
typedef struct {
    bson_error_t error;
    uint8_t *reply;
    uint32_t reply_length;
} martlet_response;

/// Runs a command on the primary. The driver repeats it once by itself if it is a findAndModify.
static inline bool martlet_write_command(
    mongoc_client_t *client, const char *database, const uint8_t *command, size_t size, martlet_response *answer) {
    bson_t document, reply;
    if (!bson_init_static(&document, command, size)) return false;
    bool done = mongoc_client_write_command_with_opts(client, database, &document, NULL, &reply, &answer->error);
    answer->reply = bson_destroy_with_steal(&reply, true, &answer->reply_length);
    return done;
}

/// Inserts `count` documents that lie one behind the other.
static inline bool martlet_insert_many(
    mongoc_client_t *client, const char *database, const char *name, const uint8_t *documents, size_t size,
    size_t count, const uint8_t *options, size_t options_size, martlet_response *answer) {
    bson_t options_document, reply;
    void *storage = NULL;
    if (!bson_init_static(&options_document, options, options_size)) return false;
    if (posix_memalign(&storage, 128, count * sizeof(bson_t))) abort();
    bson_t *list = (bson_t *)storage;
    const bson_t **pointers = (const bson_t **)malloc(count * sizeof(bson_t *));
    if (!pointers) abort();
    bool done = true;
    for (size_t index = 0, offset = 0; index < count && done; index++) {
        int32_t length = 0;
        if (size - offset >= 5) {
            memcpy(&length, documents + offset, sizeof length);
            length = (int32_t)BSON_UINT32_FROM_LE((uint32_t)length);
        }
        done = length >= 5 && (size_t)length <= size - offset
            && bson_init_static(&list[index], documents + offset, (size_t)length);
        pointers[index] = &list[index];
        offset += (size_t)length;
    }
    if (done) {
        mongoc_collection_t *collection = mongoc_client_get_collection(client, database, name);
        done = mongoc_collection_insert_many(collection, pointers, count, &options_document, &reply, &answer->error);
        answer->reply = bson_destroy_with_steal(&reply, true, &answer->reply_length);
        mongoc_collection_destroy(collection);
    } else {
        bson_set_error(&answer->error, MONGOC_ERROR_BSON, MONGOC_ERROR_BSON_INVALID, "a document is damaged");
    }
    free(pointers);
    free(storage);
    return done;
}

/// Begins a bulk operation, which mongoc_bulk_operation_destroy ends.
static inline mongoc_bulk_operation_t *martlet_bulk_begin(
    mongoc_client_t *client, const char *database, const char *name, const uint8_t *options, size_t options_size) {
    bson_t options_document;
    if (!bson_init_static(&options_document, options, options_size)) return NULL;
    mongoc_collection_t *collection = mongoc_client_get_collection(client, database, name);
    mongoc_bulk_operation_t *bulk = mongoc_collection_create_bulk_operation_with_opts(collection, &options_document);
    mongoc_collection_destroy(collection);
    return bulk;
}

static inline bool martlet_bulk_update(
    mongoc_bulk_operation_t *bulk, bool many, const uint8_t *filter, size_t filter_size, const uint8_t *update,
    size_t update_size, const uint8_t *options, size_t options_size, bson_error_t *error) {
    bson_t f, u, o;
    if (!bson_init_static(&f, filter, filter_size) || !bson_init_static(&u, update, update_size)
        || !bson_init_static(&o, options, options_size)) {
        bson_set_error(error, MONGOC_ERROR_BSON, MONGOC_ERROR_BSON_INVALID, "a document is damaged");
        return false;
    }
    return many ? mongoc_bulk_operation_update_many_with_opts(bulk, &f, &u, &o, error)
                : mongoc_bulk_operation_update_one_with_opts(bulk, &f, &u, &o, error);
}

static inline bool martlet_bulk_remove(
    mongoc_bulk_operation_t *bulk, bool many, const uint8_t *filter, size_t filter_size, bson_error_t *error) {
    bson_t f;
    if (!bson_init_static(&f, filter, filter_size)) {
        bson_set_error(error, MONGOC_ERROR_BSON, MONGOC_ERROR_BSON_INVALID, "a document is damaged");
        return false;
    }
    return many ? mongoc_bulk_operation_remove_many_with_opts(bulk, &f, NULL, error)
                : mongoc_bulk_operation_remove_one_with_opts(bulk, &f, NULL, error);
}

static inline bool martlet_bulk_execute(mongoc_bulk_operation_t *bulk, martlet_response *answer) {
    bson_t reply;
    bool done = mongoc_bulk_operation_execute(bulk, &reply, &answer->error) != 0;
    answer->reply = bson_destroy_with_steal(&reply, true, &answer->reply_length);
    return done;
}

/// Begins a query, which mongoc_cursor_destroy ends. `input` is the filter, or the pipeline of an aggregation.
static inline mongoc_cursor_t *martlet_cursor_begin(
    mongoc_client_t *client, const char *database, const char *name, bool aggregate, const uint8_t *input,
    size_t input_size, const uint8_t *options, size_t options_size) {
    bson_t i, o;
    if (!bson_init_static(&i, input, input_size) || !bson_init_static(&o, options, options_size)) return NULL;
    mongoc_collection_t *collection = mongoc_client_get_collection(client, database, name);
    mongoc_cursor_t *cursor = aggregate
        ? mongoc_collection_aggregate(collection, MONGOC_QUERY_NONE, &i, &o, NULL)
        : mongoc_collection_find_with_opts(collection, &i, &o, NULL);
    mongoc_collection_destroy(collection);
    return cursor;
}

/// The next document, valid until the next call; NULL at the end or after an error.
static inline const uint8_t *martlet_cursor_next(mongoc_cursor_t *cursor, size_t *size) {
    const bson_t *document = NULL;
    if (!mongoc_cursor_next(cursor, &document)) return NULL;
    *size = document->len;
    return bson_get_data(document);
}

/// Whether the query failed.
static inline bool martlet_cursor_failed(mongoc_cursor_t *cursor, martlet_response *answer) {
    const bson_t *reply = NULL;
    if (!mongoc_cursor_error_document(cursor, &answer->error, &reply)) return false;
    if (reply) {
        answer->reply = (uint8_t *)bson_malloc(reply->len);
        answer->reply_length = reply->len;
        memcpy(answer->reply, bson_get_data(reply), reply->len);
    }
    return true;
}

/// Sets what is called in the calling thread after each failed attempt to run a command.
static inline bool martlet_pool_observe_failures(mongoc_client_pool_t *pool, mongoc_apm_command_failed_cb_t failed) {
    mongoc_apm_callbacks_t *callbacks = mongoc_apm_callbacks_new();
    mongoc_apm_set_command_failed_cb(callbacks, failed);
    bool set = mongoc_client_pool_set_apm_callbacks(pool, callbacks, NULL);
    mongoc_apm_callbacks_destroy(callbacks);
    return set;
}

/// Names the calling thread for debuggers and process lists.
static inline void martlet_name_thread(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}

/*
 * Errors: a code, and one line that says what was wrong and what to do.
 *
 * A function that can fail returns bool and takes `struct error *err` last. The first error wins:
 * a later one does not overwrite it, so clean-up code may fail freely. Callers start from
 * `struct error err = {0};`.
 */
#ifndef DIGIT_ERROR_H
#define DIGIT_ERROR_H

#include <stdbool.h>

/* code, HTTP status, name on the wire (the fragment of RFC 9457's `type`), title */
#define ERROR_TABLE(X)                                                                             \
    X(BAD_REQUEST, 400, "bad-request", "The HTTP request is malformed")                            \
    X(NOT_JSON, 400, "not-json", "The body is not JSON")                                           \
    X(BAD_ARGUMENT, 400, "bad-argument", "A setting or argument cannot be used")                   \
    X(UNAUTHORIZED, 401, "unauthorized", "The API key is missing or not known")                    \
    X(FORBIDDEN, 403, "forbidden", "The server does not allow this")                               \
    X(NOT_FOUND, 404, "not-found", "There is nothing at this path")                                \
    X(METHOD_NOT_ALLOWED, 405, "method-not-allowed", "The path does not take this method")         \
    X(TIMEOUT, 408, "timeout", "The client took too long")                                         \
    X(BODY_TOO_LARGE, 413, "body-too-large", "The body is larger than the server takes")           \
    X(TARGET_TOO_LONG, 414, "target-too-long", "The URL is longer than the server takes")          \
    X(UNSUPPORTED_MEDIA_TYPE, 415, "unsupported-media-type", "The content type is not taken here") \
    X(UNSUPPORTED_IMAGE, 415, "unsupported-image", "The picture is not PNG, JPEG or BMP")          \
    X(EXPECTATION_FAILED, 417, "expectation-failed", "The server does not do what is expected")    \
    X(WRONG_SHAPE, 422, "wrong-shape", "The JSON does not have the documented shape")              \
    X(UNKNOWN_FIELD, 422, "unknown-field", "The JSON has a field that is not known")               \
    X(EMPTY_IMAGE, 422, "empty-image", "The picture is empty")                                     \
    X(NOT_BASE64, 422, "not-base64", "The picture is not valid base64")                            \
    X(NOT_AN_IMAGE, 422, "not-an-image", "The bytes are no picture that can be read")              \
    X(TRUNCATED_IMAGE, 422, "truncated-image", "The picture ends too early")                       \
    X(IMAGE_TOO_LARGE, 422, "image-too-large", "The picture has too many pixels")                  \
    X(NOTHING_DRAWN, 422, "nothing-drawn", "Nothing is drawn on the picture")                      \
    X(SEVERAL_DIGITS, 422, "several-digits", "There is more than one digit on the picture")        \
    X(TOO_MANY_IMAGES, 422, "too-many-images", "There are too many pictures in one request")       \
    X(HEAD_TOO_LARGE, 431, "head-too-large", "The fields are more than the server takes")          \
    X(BAD_MODEL, 500, "bad-model", "The model cannot be used")                                     \
    X(BAD_DATA, 500, "bad-data", "The data set cannot be used")                                    \
    X(FILE, 500, "file", "A file cannot be read or written")                                       \
    X(ENGINE, 500, "engine", "The inference engine failed")                                        \
    X(OUT_OF_MEMORY, 500, "out-of-memory", "The process is out of memory")                         \
    X(INTERNAL, 500, "internal", "The server failed")                                              \
    X(NOT_IMPLEMENTED, 501, "not-implemented", "The server does not know how to do this")          \
    X(STORE, 502, "store", "A store refuses what was asked of it")                                 \
    X(STORE_DOWN, 503, "store-down", "A store cannot be reached")                                  \
    X(OVERLOADED, 503, "overloaded", "The server is at its limit")                                 \
    X(NOT_READY, 503, "not-ready", "The server is not ready")                                      \
    X(VERSION_NOT_SUPPORTED, 505, "version-not-supported", "This version of HTTP is not spoken")

enum error_code {
    ERROR_NONE,
#define X(code, status, name, title) ERROR_##code,
    ERROR_TABLE(X)
#undef X
        ERROR_CODES
};

struct error {
    enum error_code code;
    char text[240]; /* one line, no newline; cut off when longer */
};

#define MUST_CHECK __attribute__((warn_unused_result))

/* Fills *err unless it already holds an error. Always returns false, so that a failing function
 * reads `return error_set(err, ERROR_..., "...")`. */
bool error_set(struct error *err, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* So that whoever analyses a caller knows it, too. */
#define error_set(...)                                                                             \
    ({                                                                                             \
        (void)error_set(__VA_ARGS__);                                                              \
        false;                                                                                     \
    })

/* The table's columns. Each lends a constant. */
int error_status(enum error_code code);
const char *error_name(enum error_code code);
const char *error_title(enum error_code code);

#endif

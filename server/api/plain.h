/*
 * The one form in which nearly every request comes, read without a parser.
 */
#ifndef DIGIT_PLAIN_H
#define DIGIT_PLAIN_H

#include "server/api.h"

/* Whether the body is {"image": "..."} and nothing else, the string without escapes and in ASCII;
 * if so, fills *out with the string where it lies in the body. A body of any other form may still
 * be right: it is for a parser to say. Any thread. */
bool plain_image(struct api_image *out, const char *body, size_t len);

#endif

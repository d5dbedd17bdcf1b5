/*
 * The options of commands that speak to stores: the same words everywhere.
 */
#ifndef DIGIT_STORE_OPTIONS_H
#define DIGIT_STORE_OPTIONS_H

#include <stddef.h>
#include <stdio.h>

#include "model/store.h"
#include "train/options.h"

struct store_flags {
    const char *user; /* texts are empty where nothing is said */
    const char *token_file;
    const char *ca_file;
    const char *redirect_hosts;
    bool negotiate;
    size_t hdfs_http_port;
    size_t attempts;
    size_t connect_s;
    size_t stall_s;
    size_t total_s;
};

/* Rows for a command whose struct `type` has a `struct store_flags member`. */
#define STORE_OPTION_ROWS(type, member)                                          \
    {"user",      "NAME",                                                        \
     "",          "who asks HDFS (default: the login name)",                     \
     OPTION_TEXT, offsetof(type, member.user),                                   \
     0,           0},                                                            \
        {"token-file",                                                           \
         "FILE",                                                                 \
         "",                                                                     \
         "show HDFS the delegation token in it",                                 \
         OPTION_TEXT,                                                            \
         offsetof(type, member.token_file),                                      \
         0,                                                                      \
         0},                                                                     \
        {"negotiate", NULL,                                                      \
         NULL,        "show HDFS the Kerberos ticket at hand",                   \
         OPTION_FLAG, offsetof(type, member.negotiate),                          \
         0,           0},                                                        \
        {"ca-file",   "FILE",                                                    \
         "",          "trust it for swebhdfs:// (default: the system's)",        \
         OPTION_TEXT, offsetof(type, member.ca_file),                            \
         0,           0},                                                        \
        {"redirect-hosts",                                                       \
         "HOSTS",                                                                \
         "",                                                                     \
         "the only DataNodes, HOST[:PORT],... (default: the NameNode's choice)", \
         OPTION_TEXT,                                                            \
         offsetof(type, member.redirect_hosts),                                  \
         0,                                                                      \
         0},                                                                     \
        {"hdfs-http-port",                                                       \
         "PORT",                                                                 \
         "9870",                                                                 \
         "of the NameNodes in hdfs:// URLs",                                     \
         OPTION_COUNT,                                                           \
         offsetof(type, member.hdfs_http_port),                                  \
         1,                                                                      \
         65535},                                                                 \
        {"attempts",                                                             \
         "N",                                                                    \
         "5",                                                                    \
         "of what may pass by itself",                                           \
         OPTION_COUNT,                                                           \
         offsetof(type, member.attempts),                                        \
         1,                                                                      \
         1000},                                                                  \
        {"connect-timeout",                                                      \
         "S",                                                                    \
         "5",                                                                    \
         "seconds until a connection stands",                                    \
         OPTION_COUNT,                                                           \
         offsetof(type, member.connect_s),                                       \
         1,                                                                      \
         86400},                                                                 \
        {"stall-timeout",                                                        \
         "S",                                                                    \
         "15",                                                                   \
         "seconds without a byte",                                               \
         OPTION_COUNT,                                                           \
         offsetof(type, member.stall_s),                                         \
         1,                                                                      \
         86400},                                                                 \
    {                                                                            \
        "total-timeout", "S", "600", "seconds for one file", OPTION_COUNT,       \
            offsetof(type, member.total_s), 1, 86400                             \
    }

/* What the flags ask of stores. The texts are lent on. */
struct store_options store_options_from(const struct store_flags *flags);

/* Prints the flags that are not the defaults as words of a shell, each after a blank. */
void store_options_print(const struct store_flags *flags, FILE *out);

/* Prints a text as one word of a shell (POSIX, "Shell Command Language", 2.2 Quoting). */
void store_options_quote(const char *text, FILE *out);

#endif

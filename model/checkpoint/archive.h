/*
 * Zip archives (PKWARE's APPNOTE) as torch.save makes them: every entry stored and not compressed,
 * all under one folder, whose name is the first entry's. Names here are without that folder.
 */
#ifndef DIGIT_CHECKPOINT_ARCHIVE_H
#define DIGIT_CHECKPOINT_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"

struct archive;

/* Opens an archive in memory, which is lent until archive_close. Refuses entries with equal names
 * and entries that overlap, so that reading each once cannot cost more than the archive's size. */
bool archive_open(struct archive **out, const uint8_t *bytes, size_t len,
                  struct error *err) MUST_CHECK;

bool archive_has(struct archive *a, const char *name);

/* Reads a whole entry into *out (malloc; the caller frees) and checks its CRC. Refuses compressed
 * and encrypted ones. */
bool archive_read(uint8_t **out, size_t *len, struct archive *a, const char *name,
                  struct error *err) MUST_CHECK;

void archive_close(struct archive *a);

struct archive_entry {
    char name[32];
    const uint8_t *bytes; /* lent */
    size_t len;
};

/* Writes an archive with these entries into *out (malloc; the caller frees). Data begin at
 * multiples of 64, as torch.save has them. Equal entries give equal bytes. */
bool archive_format(uint8_t **out, size_t *len, const struct archive_entry *entries, size_t count,
                    struct error *err) MUST_CHECK;

#endif

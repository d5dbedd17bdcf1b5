/*
 * PyTorch state dicts (`.pth`), read and written without running any code.
 *
 * The format is a zip archive as written by torch.save since PyTorch 1.6 (caffe2/serialize): a
 * pickle `data.pkl` (Python's pickletools, protocol 2) that names tensors, and one stored record
 * `data/<key>` for each storage, little-endian. What is written here loads in Python with
 * torch.load(path, weights_only=True).
 */
#ifndef DIGIT_CHECKPOINT_H
#define DIGIT_CHECKPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "model/error.h"

enum {
    CHECKPOINT_RANK_MAX = 4,
    CHECKPOINT_NAME_SIZE = 64,
    CHECKPOINT_TENSORS_MAX = 256,
};

struct tensor {
    char name[CHECKPOINT_NAME_SIZE]; /* "conv1.weight" */
    size_t rank;
    size_t shape[CHECKPOINT_RANK_MAX];
    size_t count; /* elements: the product of the shape */
    float *data;  /* row-major, whatever the strides in the file were */
};

struct checkpoint;

/* An empty checkpoint into *out. */
bool checkpoint_new(struct checkpoint **out, struct error *err) MUST_CHECK;

/* Copies a row-major tensor to the end. Fails on a name that is there already or too long. */
bool checkpoint_add(struct checkpoint *c, const char *name, const size_t *shape, size_t rank,
                    const float *data, struct error *err) MUST_CHECK;

/* Reads the file at `path`, of at most 1 GiB. float32 is taken as it is; float16, bfloat16 and
 * float64 are converted. Anything else in the file is refused with ERROR_BAD_MODEL, and so are
 * numbers that are not finite. */
bool checkpoint_read(struct checkpoint **out, const char *path, struct error *err) MUST_CHECK;

/* The same from memory, which is not kept. The error's text is about "it": the file. */
bool checkpoint_parse(struct checkpoint **out, const uint8_t *bytes, size_t len,
                      struct error *err) MUST_CHECK;

/* Writes the file's bytes into *out (malloc; the caller frees). Equal tensors give equal bytes. */
bool checkpoint_format(uint8_t **out, size_t *len, const struct checkpoint *c,
                       struct error *err) MUST_CHECK;

/* The same into the file at `path`, atomically (see file_write). */
bool checkpoint_write(const struct checkpoint *c, const char *path, struct error *err) MUST_CHECK;

/* The tensors in file order; both lend until checkpoint_close. NULL when there is none. */
size_t checkpoint_count(const struct checkpoint *c);
const struct tensor *checkpoint_at(const struct checkpoint *c, size_t index);
const struct tensor *checkpoint_find(const struct checkpoint *c, const char *name);

void checkpoint_close(struct checkpoint *c);

#endif

/*
 * A line of records: any bytes may come. What is taken as a record lies within the line and is
 * written back as it was; what is taken as figures, too.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "train/dataset/record.h"
#include "train/dataset/tally.h"

/* Writes into a text that the caller frees. */
static FILE *open_text(char **text, size_t *len)
{
    FILE *out = open_memstream(text, len);
    FUZZ_EXPECT(out != NULL);
    return out;
}

static bool lies_within(struct field f, const char *line, size_t len)
{
    return f.len == 0 || (f.text >= line && f.text + f.len <= line + len);
}

static void look_at_record(const struct record *r, const char *line, size_t len)
{
    struct error err = {0};
    uint8_t pixels[DIGIT_PIXELS], again[DIGIT_PIXELS];
    FUZZ_EXPECT(lies_within(r->key, line, len) && lies_within(r->picture, line, len) &&
                lies_within(r->first, line, len));
    FUZZ_EXPECT(r->label >= RECORD_UNLABELLED && r->label < DIGIT_CLASSES);
    if (!record_bytes(pixels, r, &err)) {
        FUZZ_EXPECT(err.code != ERROR_NONE && strchr(err.text, '\n') == NULL);
        return;
    }
    if (r->key.len == 0)
        return;
    char *text;
    size_t text_len;
    FILE *out = open_text(&text, &text_len);
    record_write(out, r->key, r->label, pixels);
    FUZZ_EXPECT(fclose(out) == 0);
    struct record other;
    FUZZ_EXPECT(record_parse(&other, text, text_len - 1, &err) &&
                record_bytes(again, &other, &err));
    FUZZ_EXPECT(memcmp(pixels, again, sizeof pixels) == 0 && other.label == r->label &&
                other.key.len == r->key.len &&
                memcmp(other.key.text, r->key.text, r->key.len) == 0);
    free(text);
}

static void look_at_tally(const struct tally *t, size_t len)
{
    static struct tally again;
    struct error err = {0};
    char *text;
    size_t text_len;
    FILE *out = open_text(&text, &text_len);
    tally_write(out, t);
    FUZZ_EXPECT(fclose(out) == 0);
    /* Not byte for byte: 007 is 7. */
    FUZZ_EXPECT(text_len - 1 <= len);
    FUZZ_EXPECT(tally_parse(&again, text, text_len - 1, &err));
    FUZZ_EXPECT(memcmp(t, &again, sizeof again) == 0);
    FUZZ_EXPECT(tally_deviation(t) >= 0 && tally_deviation(t) <= 1);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct tally tally;
    const char *line = (const char *)bytes;
    struct error err = {0};
    struct record r;
    if (record_parse(&r, line, len, &err))
        look_at_record(&r, line, len);
    else
        FUZZ_EXPECT(err.code != ERROR_NONE && err.text[0] != '\0');
    err = (struct error){0};
    if (tally_parse(&tally, line, len, &err))
        look_at_tally(&tally, len);
    else
        FUZZ_EXPECT(err.code == ERROR_BAD_DATA);
    return 0;
}

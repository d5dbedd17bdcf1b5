/*
 * Runs a fuzz target without clang: `replay_NAME FILE_OR_FOLDER...`. Besides each file as it is, a
 * small one is tried cut off at every length, and with every byte changed. Inputs lie in memory of
 * their exact size, so that a sanitizer sees a read beyond the end.
 */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

enum {
    FILE_LEN_MAX = 16 * 1024 * 1024,
    MUTATED_LEN_MAX = 4096,
};

static const uint8_t flips[] = {0x01, 0x80, 0xff};

static size_t inputs;

static void run(const uint8_t *bytes, size_t len)
{
    uint8_t *exact = malloc(len == 0 ? 1 : len);
    FUZZ_EXPECT(exact != NULL);
    if (len > 0)
        memcpy(exact, bytes, len);
    LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    inputs++;
}

static void run_mutations(uint8_t *bytes, size_t len)
{
    for (size_t keep = 0; keep < len; keep++)
        run(bytes, keep);
    for (size_t i = 0; i < len; i++)
        for (size_t f = 0; f < sizeof flips; f++) {
            bytes[i] ^= flips[f];
            run(bytes, len);
            bytes[i] ^= flips[f];
        }
}

static void run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    FUZZ_EXPECT(file != NULL);
    uint8_t *bytes = malloc(FILE_LEN_MAX);
    FUZZ_EXPECT(bytes != NULL);
    size_t len = fread(bytes, 1, FILE_LEN_MAX, file);
    FUZZ_EXPECT(!ferror(file) && len < FILE_LEN_MAX);
    fclose(file);
    run(bytes, len);
    if (len <= MUTATED_LEN_MAX)
        run_mutations(bytes, len);
    free(bytes);
}

static void run_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    FUZZ_EXPECT(dir != NULL);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[4096];
        FUZZ_EXPECT(snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < (int)sizeof path);
        if (entry->d_name[0] != '.')
            run_file(path);
    }
    closedir(dir);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct stat status;
        FUZZ_EXPECT(stat(argv[i], &status) == 0);
        if (S_ISDIR(status.st_mode))
            run_folder(argv[i]);
        else
            run_file(argv[i]);
    }
    printf("%zu inputs\n", inputs);
    return inputs == 0;
}

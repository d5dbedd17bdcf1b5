/*
 * A file of API keys: of its lines only what is a key opens the door, and it says in one line why it
 * is not taken.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/keys.h"
#include "tests/fuzz/fuzz.h"

enum { PATH_SIZE = 32 };

static int write_file(char path[PATH_SIZE], const uint8_t *bytes, size_t len)
{
    const int fd = memfd_create("keys", 0);
    FUZZ_EXPECT(fd >= 0 && fchmod(fd, S_IRUSR | S_IWUSR) == 0);
    FUZZ_EXPECT(write(fd, bytes, len) == (ssize_t)len);
    (void)snprintf(path, PATH_SIZE, "/proc/self/fd/%d", fd);
    return fd;
}

/* Every word of the file as a key; one that is known has a name and enough characters. */
static void try_words(struct keys *keys, const uint8_t *bytes, size_t len)
{
    char name[KEYS_NAME_SIZE];
    char *text = malloc(len + 1), *rest = NULL;
    FUZZ_EXPECT(text != NULL);
    memcpy(text, bytes, len);
    text[len] = '\0';
    for (char *w = strtok_r(text, " \t\r\n", &rest); w != NULL; w = strtok_r(NULL, " \t\r\n", &rest))
        if (keys_know(keys, 0, w, name))
            FUZZ_EXPECT(strlen(w) >= 16 && name[0] != '\0' && strncmp(w, "sha256:", 7) != 0);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct error err = {0};
    struct keys *keys = NULL;
    char path[PATH_SIZE], name[KEYS_NAME_SIZE];
    const int fd = write_file(path, bytes, len);
    if (keys_open(&keys, path, 1, &err)) {
        FUZZ_EXPECT(!keys_know(keys, 0, "", name));
        try_words(keys, bytes, len);
        FUZZ_EXPECT(keys_reload(keys, &err));
        keys_close(keys);
    } else {
        FUZZ_EXPECT(err.text[0] != '\0' && strchr(err.text, '\n') == NULL);
    }
    close(fd);
    return 0;
}

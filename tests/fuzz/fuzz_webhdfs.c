/*
 * WebHDFS's answers, and the URLs to which they send us: any bytes may come; what is taken is a
 * name that a file can have, or a URL that leads to where it says.
 */
#include <string.h>

#include "model/store/answer.h"
#include "model/store/url.h"
#include "tests/fuzz/fuzz.h"

static void redirect(const char *location)
{
    struct error err = {0};
    struct hdfs_url url;
    struct url_node node;
    char *to;
    FUZZ_EXPECT(url_parse(&url, "webhdfs://n/a", 9870, &err));
    if (!url_redirect(&to, &node, location, &url, url.path, NULL, &err)) {
        FUZZ_EXPECT(err.code == ERROR_STORE && err.text[0] != '\0');
        return;
    }
    FUZZ_EXPECT(strncmp(to, "http://", 7) == 0 && strpbrk(to, " \r\n\t#\\") == NULL);
    FUZZ_EXPECT(strcspn(to, "@") > 7 + strlen(node.host));
    FUZZ_EXPECT(node.port > 0 && node.port < 65536 && node.host[0] != '\0');
    free(to);
}

static void list(const char *body, size_t len)
{
    struct error err = {0};
    struct answer_list files = {0};
    uint64_t left;
    if (!answer_listing(&files, &left, body, len, &err))
        FUZZ_EXPECT(err.code == ERROR_STORE && err.text[0] != '\0');
    for (size_t i = 0; i < files.count; i++)
        FUZZ_EXPECT(files.entries[i].name[0] != '\0' &&
                    strpbrk(files.entries[i].name, "/\n\r") == NULL);
    free(files.entries);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const char *body = (const char *)bytes;
    struct error err = {0};
    struct store_entry entry;
    struct hdfs_url url;
    uint64_t id;
    bool value;
    char location[512], text[512];
    if (answer_location(location, sizeof location, body, len, &err))
        redirect(location);
    if (answer_status(&entry, &id, body, len, &err))
        FUZZ_EXPECT(!entry.is_folder || entry.len == 0);
    if (!answer_boolean(&value, body, len, &err))
        FUZZ_EXPECT(err.code == ERROR_STORE);
    list(body, len);
    err = (struct error){0};
    FUZZ_EXPECT(!answer_refusal(body, len, 403, "/x", "n", &err));
    FUZZ_EXPECT(err.code != ERROR_NONE && err.text[0] != '\0');

    (void)snprintf(text, sizeof text, "%.*s", (int)(len < sizeof text ? len : sizeof text), body);
    redirect(text);
    err = (struct error){0};
    if (url_parse(&url, text, 9870, &err))
        FUZZ_EXPECT(url.path[0] == '/' && url.count > 0 && strstr(url.path, "/../") == NULL);
    return 0;
}

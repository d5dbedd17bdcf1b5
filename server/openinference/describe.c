/*
 * What the server says of itself and its model to clients of V1 and V2. Any thread; no state.
 */
#include <string.h>

#include "server/openinference.h"
#include "server/text.h"

bool openinference_write_error(char **out, size_t *len, const struct error *problem,
                               struct error *err)
{
    struct text t = {0};
    text_string(&t, "{\"error\":");
    text_quoted(&t, problem->text);
    text_string(&t, "}\n");
    return text_take(&t, out, len, err);
}

bool openinference_write_server(char **out, size_t *len, const char *name, const char *version,
                                struct error *err)
{
    struct text t = {0};
    text_string(&t, "{\"name\":");
    text_quoted(&t, name);
    text_string(&t, ",\"version\":");
    text_quoted(&t, version);
    text_string(&t, ",\"extensions\":[\"binary_tensor_data\",\"model_repository\"]}\n");
    return text_take(&t, out, len, err);
}

bool openinference_write_live(char **out, size_t *len, struct error *err)
{
    struct text t = {0};
    text_string(&t, "{\"live\":true}\n");
    return text_take(&t, out, len, err);
}

/* Documents are text with $N in it for the model's name and $V for its version, both as strings. */
enum { NAME = 'N' };

static const char *const documents[] = {
    [OPENINFERENCE_READY] = "{\"ready\":true}\n",
    [OPENINFERENCE_MODEL] =
        "{\"name\":$N,\"versions\":[$V],\"platform\":\"digitd\","
        "\"inputs\":[{\"name\":\"image\",\"datatype\":\"FP32\",\"shape\":[-1,1,28,28]}],"
        "\"outputs\":[{\"name\":\"probabilities\",\"datatype\":\"FP32\",\"shape\":[-1,10]},"
        "{\"name\":\"prediction\",\"datatype\":\"INT64\",\"shape\":[-1]}]}\n",
    [OPENINFERENCE_MODEL_READY] = "{\"name\":$N,\"ready\":true}\n",
    [OPENINFERENCE_INDEX] = "[{\"name\":$N,\"version\":$V,\"state\":\"READY\",\"reason\":\"\"}]\n",
    [OPENINFERENCE_V1_MODELS] = "{\"models\":[$N]}\n",
    [OPENINFERENCE_V1_MODEL] =
        "{\"name\":$N,\"ready\":true,\"model_version_status\":[{\"version\":$V,"
        "\"state\":\"AVAILABLE\",\"status\":{\"error_code\":\"OK\",\"error_message\":\"\"}}]}\n",
};

bool openinference_write_document(char **out, size_t *len, enum openinference_document document,
                                  const struct api_model *model, struct error *err)
{
    struct text t = {0};
    const char *from = documents[document], *mark;
    for (; (mark = strchr(from, '$')) != NULL; from = mark + 2) {
        text_append(&t, from, (size_t)(mark - from));
        text_quoted(&t, mark[1] == NAME ? model->name : model->version);
    }
    text_string(&t, from);
    return text_take(&t, out, len, err);
}

bool openinference_write_index(char **out, size_t *len, const char *name,
                               const struct error *reason, struct error *err)
{
    struct text t = {0};
    text_string(&t, "[");
    if (name[0] != '\0') {
        text_string(&t, "{\"name\":");
        text_quoted(&t, name);
        text_string(&t, ",\"version\":\"\",\"state\":\"UNAVAILABLE\",\"reason\":");
        text_quoted(&t, reason->text);
        text_string(&t, "}");
    }
    text_string(&t, "]\n");
    return text_take(&t, out, len, err);
}

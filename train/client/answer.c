/*
 * Answers of a server. Any thread; no state.
 */
#include "train/client/answer.h"

#include "model/document.h"

bool client_answer_read(float probabilities[DIGIT_CLASSES], const char *body, size_t len,
                        const char *peer, struct error *err)
{
    struct error why = {0};
    json_t *document = document_read(body, len, &why);
    const json_t *list = json_object_get(document, "probabilities");
    bool good = json_array_size(list) == DIGIT_CLASSES;
    for (size_t i = 0; good && i < DIGIT_CLASSES; i++) {
        const json_t *value = json_array_get(list, i);
        const double number = json_number_value(value);
        good = json_is_number(value) && number >= 0.0 && number <= 1.0;
        probabilities[i] = good ? (float)number : 0.0f;
    }
    json_decref(document);
    if (why.code == ERROR_OUT_OF_MEMORY)
        return error_set(err, why.code, "%s", why.text);
    return good || error_set(err, ERROR_STORE,
                             "%s answers without ten probabilities; is it a digitd?", peer);
}

bool client_answer_refusal(const char *body, size_t len, long status, const char *peer,
                           struct error *err)
{
    struct error unsaid = {0};
    json_t *document = document_read(body, len, &unsaid);
    const char *detail = json_string_value(json_object_get(document, "detail"));
    const enum error_code code = status == 503 ? ERROR_STORE_DOWN : ERROR_STORE;
    if (detail != NULL)
        error_set(err, code, "%s", detail);
    else
        error_set(err, code, "%s answers with status %ld; is it a digitd?", peer, status);
    json_decref(document);
    return false;
}

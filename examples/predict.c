/*
 * Which digit is on a picture? With libcurl; the answer is printed as it comes.
 *
 *   cc predict.c -o predict -lcurl && ./predict http://127.0.0.1:8080 seven.png
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_MAX = 4 * 1024 * 1024 }; /* what a server takes, unless it was told otherwise */

static char *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(FILE_MAX);
    if (file == NULL || bytes == NULL) {
        perror(path);
        exit(1);
    }
    *len = fread(bytes, 1, FILE_MAX, file);
    (void)fclose(file);
    return bytes;
}

int main(int argc, char **argv)
{
    char url[1024], why[CURL_ERROR_SIZE] = "";
    if (argc != 3) {
        fprintf(stderr, "usage: %s SERVER FILE\n", argv[0]);
        return 2;
    }
    size_t len;
    char *picture = read_file(argv[2], &len);
    snprintf(url, sizeof url, "%s/predict", argv[1]);

    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: image/png");
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, picture);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
    long status = 0;
    if (curl_easy_perform(curl) == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    else
        fprintf(stderr, "%s: %s\n", url, why);

    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    free(picture);
    return status == 200 ? 0 : 1;
}

#ifndef LINECOOK_CCURL_H
#define LINECOOK_CCURL_H

#include <curl/curl.h>

/*
 * Swift cannot call variadic functions, so there is one function here for each type of argument that
 * curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are called with. The parentheses around the
 * names keep curl's type-checking macros away.
 */

typedef size_t (*linecook_curl_sink)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode linecook_curl_set_long(CURL *easy, CURLoption option, long value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode linecook_curl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode linecook_curl_set_text(CURL *easy, CURLoption option, const char *value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode linecook_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode linecook_curl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode linecook_curl_set_sink(CURL *easy, CURLoption option, linecook_curl_sink value) {
    return (curl_easy_setopt)(easy, option, value);
}

/* The text form came with 7.85 and replaces the bit mask; distributions still ship older ones. */
static inline CURLcode linecook_curl_allow_http_only(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
    return (curl_easy_setopt)(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    return (curl_easy_setopt)(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

static inline CURLcode linecook_curl_get_long(CURL *easy, CURLINFO info, long *value) {
    return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLMcode linecook_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return (curl_multi_setopt)(multi, option, value);
}

/* The finished transfer's handle and result, or NULL; the union in CURLMsg is awkward from Swift. */
static inline CURL *linecook_curl_next_finished(CURLM *multi, CURLcode *result) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    }
    return NULL;
}

#endif

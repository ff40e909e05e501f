/* explain.c - libcurl's failures in words: what it is, whether it may pass, what to do. */
#include "pull/pull.h"

#include <curl/curl.h>

static const struct {
    CURLcode code;
    bool again;
    const char *what, *hint;
} failures[] = {
    {CURLE_COULDNT_RESOLVE_HOST, false, "the server's name is not known",
     "Is the network there?  A mirror: HF_ENDPOINT=https://.."},
    {CURLE_COULDNT_RESOLVE_PROXY, false, "the proxy's name is not known", "Look at https_proxy."},
    {CURLE_COULDNT_CONNECT, false, "the server cannot be reached",
     "Is the network there?  A mirror: HF_ENDPOINT=https://.."},
    {CURLE_PEER_FAILED_VERIFICATION, false, "the server's certificate is not to be trusted",
     "Is this computer's clock right?  An authority of your own: SSL_CERT_FILE=FILE.  It is always "
     "verified."},
    {CURLE_SSL_CACERT_BADFILE, false, "there are no certificates to verify servers with",
     "apt-get install ca-certificates, or SSL_CERT_FILE=FILE"},
    {CURLE_SSL_CONNECT_ERROR, false, "no secure connection came about",
     "Does a proxy or firewall stand between?"},
    {CURLE_PARTIAL_FILE, true, "the transfer ended too early", NULL},
    {CURLE_RECV_ERROR, true, "the connection broke", NULL},
    {CURLE_SEND_ERROR, true, "the connection broke", NULL},
    {CURLE_GOT_NOTHING, true, "the server closed the connection without an answer", NULL},
    {CURLE_OPERATION_TIMEDOUT, true, "the server is too slow, or silent", NULL},
    {CURLE_HTTP2, true, "the connection broke", NULL},
    {CURLE_HTTP2_STREAM, true, "the connection broke", NULL},
    {CURLE_WRITE_ERROR, false, "the server's answer has no end", NULL},
    {CURLE_WEIRD_SERVER_REPLY, false, "the answer is not HTTP", NULL},
    {CURLE_UNSUPPORTED_PROTOCOL, false, "the answer is not HTTP", NULL},
};

Status http_explain(Err *e, int code, const char *why, const char *shown, bool *again)
{
    const char *what = "the transfer failed", *hint = NULL;

    for (size_t i = 0; i < LEN(failures); i++)
        if ((int)failures[i].code == code) {
            what = failures[i].what;
            hint = failures[i].hint;
            *again = failures[i].again;
        }
    fail(e, E_UNAVAILABLE, "%s", what);
    err_note(e, "url", "%s", shown);
    err_note(e, "found", "%s", why[0] ? why : curl_easy_strerror((CURLcode)code));
    return hint ? err_note(e, "hint", "%s", hint) : err_failed(e->code);
}

/* SPDX-License-Identifier: MIT */

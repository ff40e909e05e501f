/* test_tls.c - what TLS adds: certificates that must be refused, connections cut inside it, redirects out of it.
 * openssl's own server with certificates made here; every address is 127.0.0.1. */
#include "pull/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TEXT "{\"model_type\": \"bert\"}"

/* EC keys: a certificate takes a few milliseconds.  The past needs `openssl ca`. */
static const char make_certificates[] =
    "set -e\n"
    "key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'\n"
    "openssl req -x509 $key -keyout good.key -out good.pem -days 2 -subj /CN=engraft-test "
    "  -addext subjectAltName=IP:127.0.0.1\n"
    "openssl req -x509 $key -keyout name.key -out name.pem -days 2 -subj /CN=example.org "
    "  -addext subjectAltName=DNS:example.org\n"
    "printf '%s\\n' '[ca]' default_ca=a '[a]' database=index.txt rand_serial=yes "
    "  default_md=sha256 policy=p x509_extensions=e new_certs_dir=. '[p]' commonName=supplied "
    "  '[e]' subjectAltName=IP:127.0.0.1 basicConstraints=CA:TRUE > ca.cnf\n"
    ": > index.txt\n"
    "openssl req -new $key -keyout past.key -out past.csr -subj /CN=past\n"
    "openssl ca -batch -selfsign -config ca.cnf -in past.csr -keyfile past.key -out past.pem "
    "  -startdate 20200101000000Z -enddate 20200102000000Z\n";

/* Files of s_server -HTTP are whole answers. */
static void put_answer(const char *revision, const char *head, const char *body)
{
    CHECK_CODE(command("mkdir -p org/name/resolve/%s && "
                       "printf 'HTTP/1.1 %s\\r\\nContent-Length: %zu\\r\\n\\r\\n%%s' '%s' > "
                       "org/name/resolve/%s/config.json",
                       revision, head, strlen(body), body, revision),
               0);
}

/* The port of a server with that certificate; it ends with the test. */
static int serve_tls(const char *certificate)
{
    Ran r = command("openssl s_server -HTTP -accept 127.0.0.1:0 -cert %s.pem -key %s.key > "
                    "port.%s 2>&1 & "
                    "for i in $(seq 200); do grep -q ACCEPT port.%s && break; sleep 0.02; done; "
                    "sed -n 's/^ACCEPT .*://p' port.%s",
                    certificate, certificate, certificate, certificate, certificate);
    int port = (int)strtol(r.out, NULL, 10);

    CHECK(port > 0);
    return port;
}

static void prepare(void)
{
    if (command("command -v openssl").code)
        test_skip("no openssl command to make certificates with");
    CHECK_CODE(command("%s", make_certificates), 0);
    put_answer("main", "200 OK", TEXT);
    CHECK_CODE(command("printf '%%s' '%s' | sha256sum | sed 's/ -/ config.json/' > lock", TEXT), 0);
}

static Ran pull_from(int port, const char *trusted, const char *flags)
{
    return command("rm -rf m; ENGRAFT_MODELS=m HF_ENDPOINT=https://127.0.0.1:%d %s%s "
                   "$E pull org/name --lock lock --retries 0 %s",
                   port, trusted ? "SSL_CERT_FILE=" : "", trusted ? trusted : "", flags);
}

TEST(pull_tls_certificates)
{
    static const struct {
        const char *certificate, *trusted;
        int code;
        const char *found;
    } cases[] = {
        {"good", "good.pem", 0, NULL},
        {"good", NULL, 69, "self-signed certificate"},
        {"good", "name.pem", 69, "self-signed certificate"},
        {"name", "name.pem", 69, "no alternative certificate subject name"},
        {"past", "past.pem", 69, "certificate has expired"},
        {"good", "nowhere.pem", 69, "no certificates to verify servers with"},
    };
    static const char *const names[] = {"good", "name", "past"};
    int ports[3];

    prepare();
    for (size_t i = 0; i < LEN(names); i++)
        ports[i] = serve_tls(names[i]);
    for (size_t i = 0; i < LEN(cases); i++) {
        size_t which = 0;

        while (strcmp(names[which], cases[i].certificate) != 0)
            which++;
        Ran r = pull_from(ports[which], cases[i].trusted, "");
        if (r.code != cases[i].code)
            fprintf(stderr, "%s, trusting %s\n", cases[i].certificate, cases[i].trusted);
        CHECK_CODE(r, cases[i].code);
        if (cases[i].code)
            CHECK_HAS(r.err, cases[i].found);
        CHECK(cases[i].code == 0 || strstr(r.err, "SSL_CERT_FILE=FILE"));
        CHECK((cases[i].code == 0) == (command("test -e m/org/name/config.json").code == 0));
    }
}

/* Neither the tests' door nor a redirect leads from https to http. */
TEST(pull_tls_redirects_stay_in_tls)
{
    Server plain = server_start(NULL);
    char head[200];

    prepare();
    (void)snprintf(head, sizeof head,
                   "302 Found\\r\\nLocation: http://127.0.0.1:%d/org/name/resolve/x/config.json",
                   plain.ports[0]);
    put_answer("main", head, "");
    Ran r = command("ENGRAFT_MODELS=m EG_PULL_LOOPBACK=127.0.0.1:%d SSL_CERT_FILE=good.pem "
                    "HF_ENDPOINT=https://127.0.0.1:%d $E pull org/name --lock lock",
                    plain.ports[0], serve_tls("good"));
    CHECK_CODE(r, 69);
    CHECK_HAS(r.err, "it is not https");
    CHECK_TEXT(server_heard(), "");
    r = pull_from(plain.ports[0], NULL, "");
    server_stop(&plain);
    CHECK_CODE(r, 69);
    CHECK_HAS(r.err, "no secure connection came about");
}

/* Passes bytes both ways and breaks off after `most` of the server's. */
static _Noreturn void relay(int listener, int port, size_t most)
{
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons((uint16_t)port)};

    for (;;) {
        int side[2] = {accept(listener, NULL, NULL), socket(AF_INET, SOCK_STREAM, 0)};
        size_t left = most;

        if (connect(side[1], (struct sockaddr *)&in, sizeof in))
            _exit(1);
        while (left) {
            struct pollfd at[2] = {{side[0], POLLIN, 0}, {side[1], POLLIN, 0}};
            char data[4096];

            if (poll(at, 2, 5000) <= 0)
                break;
            int from = at[0].revents ? 0 : 1;
            ssize_t n = recv(side[from], data, from && left < sizeof data ? left : sizeof data, 0);
            if (n <= 0 || send(side[!from], data, (size_t)n, MSG_NOSIGNAL) != n)
                break;
            left -= from ? (size_t)n : 0;
        }
        (void)close(side[0]);
        (void)close(side[1]);
    }
}

static int relay_start(int port, size_t most)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof in;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&in, n) == 0 && listen(fd, 16) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&in, &n) == 0);
    if (fork() == 0)
        relay(fd, port, most);
    (void)close(fd);
    return ntohs(in.sin_port);
}

/* Cut in the handshake, in the headers, in the body: never a file, always a message. */
TEST(pull_tls_cut_off)
{
    char body[3001];

    prepare();
    memset(body, 'x', sizeof body - 1);
    body[sizeof body - 1] = 0;
    put_answer("main", "200 OK", body);
    CHECK_CODE(command("printf '%%s' '%s' | sha256sum | sed 's/ -/ config.json/' > lock", body), 0);
    int port = serve_tls("good");
    Ran r = pull_from(port, "good.pem", "");
    CHECK_CODE(r, 0);
    for (size_t most = 1; most < 3000; most = most * 3 + 7) {
        r = pull_from(relay_start(port, most), "good.pem", "");
        CHECK_CODE(r, 69);
        CHECK_HAS(r.err, "error: ");
        CHECK_HAS(r.err, "config.json");
        CHECK_CODE(command("test -e m/org/name"), 1);
    }
    r = pull_from(relay_start(port, 1 << 20), "good.pem", "");
    CHECK_CODE(r, 0);
}

/* SPDX-License-Identifier: MIT */

/* test_pull.c - bringing a model from a hub that behaves: what is sent to whom, what is kept, what a second start does. */
#include "pull/server.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The line of a call; ports are those of s. */
#define PULL   "ENGRAFT_MODELS=m EG_PULL_LOOPBACK=127.0.0.1:%d HF_ENDPOINT=http://127.0.0.1:%d "
#define ON(s)  (s).ports[0], (s).ports[0]
#define SPLASH "model.safetensors"
/* until half of the weights are there */
#define HALF                                                                                       \
    "until [ \"$(stat -c %%s m/org/name.part/" SPLASH ".part 2>&1)\" = 150000 ]; do sleep 0.01; "  \
    "done; "

static int lines_with(const char *text, const char *part)
{
    int n = 0;

    for (const char *at = text; (at = strstr(at, part)); at++)
        n++;
    return n;
}

TEST(pull_repository_says_what_it_brought)
{
    Server s = server_start(NULL);
    Ran r = command(PULL "$E pull org/name", ON(s));

    CHECK_CODE(r, 0);
    CHECK_TEXT(r.out, "m/org/name\n");
    CHECK_HAS(r.err, "licence apache-2.0");
    CHECK_HAS(r.err, "model.safetensors: 300000 bytes, sha256 ");
    CHECK_HAS(r.err, "checked by x-linked-etag");
    r = command("cat m/org/name/SHA256SUMS");
    CHECK_HAS(r.out, "# commit   " COMMIT);
    CHECK_HAS(r.out, "# licence  apache-2.0");
    CHECK_HAS(r.out, "# revision main");
    CHECK_HAS(server_heard(), "1_Pooling/config.json");
    server_stop(&s);
    r = command(PULL "$E pull org/name", ON(s)); /* nobody is there to be asked */
    CHECK_CODE(r, 0);
    CHECK_TEXT(r.out, "m/org/name\n");
    r = command(PULL "$E pull org/name --json", ON(s));
    CHECK_CODE(r, 0);
    check_json(r.out, 1);
    CHECK_HAS(r.out, "\"commit\":\"" COMMIT "\"");
    CHECK_HAS(r.out, "\"here\":true");
    r = command("ENGRAFT_MODELS=m $E pull --json");
    CHECK_CODE(r, 0);
    CHECK_HAS(r.out, "{\"name\":\"org/name\",\"here\":true,\"bytes\":");
    check_json(r.out, lines_with(r.out, "\n"));
    r = command("ENGRAFT_MODELS=m $E pull");
    CHECK_HAS(r.out, "here  org/name");
    CHECK_HAS(r.out, "AntiBERTy");
    r = command("ENGRAFT_MODELS=m $E info nowhere");
    CHECK_HAS(r.err, "org/name");
    r = command("ENGRAFT_MODELS=m $E info org/name --json");
    CHECK_CODE(r, 65); /* found: its weights are nonsense */
}

/* The first answer names the commit; all others are asked for at that commit. */
TEST(pull_stays_at_one_commit)
{
    Server s = server_start(NULL);
    Ran r = command(PULL "$E pull org/name --revision refs/pr/7", ON(s));

    server_stop(&s);
    CHECK_CODE(r, 0);
    r = command("grep -c resolve heard; cat m/org/name/SHA256SUMS");
    CHECK_HAS(r.out, "# revision refs/pr/7");
    r = command("cd m && " PULL "ENGRAFT_MODELS=. $E pull org/name --revision refs/pr/7", ON(s));
    CHECK_CODE(r, 0);
    r = command("cd m && " PULL "ENGRAFT_MODELS=. $E pull org/name --revision " COMMIT, ON(s));
    CHECK_CODE(r, 0);
    r = command("cd m && " PULL "ENGRAFT_MODELS=. $E pull org/name --revision v2", ON(s));
    CHECK_CODE(r, 69);
    CHECK_HAS(r.err, "another version is here");
    CHECK_HAS(r.err, "v2/config.json");
    CHECK(command("cd m/org/name && sha256sum -c --quiet SHA256SUMS").code == 0);
}

static bool move_weights(const Ask *q)
{
    if (!is_weights(q) || q->port)
        return false;
    say_head(q, "302 Found", 0);
    say(q, "Location: http://127.0.0.1:%d/store/model.safetensors?signed=secret\r\n\r\n",
        q->ports[1]);
    return true;
}

/* The other place may send the file, but it neither learns the token nor says what the file must be. */
TEST(pull_token_stays_at_its_host)
{
    Server s = server_start(move_weights);
    Ran r = command("HF_TOKEN=hf_abc " PULL "$E pull org/name", ON(s));
    const char *heard = server_heard();

    CHECK_CODE(r, 0);
    CHECK_HAS(heard, "0 config.json from=-1 if-range= token=Bearer hf_abc\n");
    CHECK_HAS(heard, "0 model.safetensors from=-1 if-range= token=Bearer hf_abc\n");
    CHECK_HAS(heard, "1 model.safetensors from=-1 if-range= token=\n");
    CHECK(!strstr(r.err, "secret") && !strstr(r.err, "hf_abc"));
    r = command("mkdir -p hf; echo hf_file > hf/token; HF_HOME=hf " PULL
                "$E pull org/name --again && ! grep -r 'hf_file\\|secret' m",
                ON(s));
    CHECK_CODE(r, 0);
    CHECK_HAS(server_heard(), "token=Bearer hf_file\n");
    r = command("HF_TOKEN='a\nb' " PULL "$E pull org/name --again", ON(s));
    CHECK_CODE(r, 2);
    server_stop(&s);
}

static bool move_to_another_file(const Ask *q)
{
    static char zeros[300000];

    if (q->port == 0)
        return move_weights(q);
    say(q, "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\nX-Linked-Etag: \"%064d\"\r\n\r\n", 0);
    say_bytes(q, zeros, sizeof zeros);
    return true;
}

TEST(pull_other_hosts_cannot_vouch)
{
    Server s = server_start(move_to_another_file);
    Ran r = command(PULL "$E pull org/name --retries 0", ON(s));

    server_stop(&s);
    CHECK_CODE(r, 65);
    CHECK_HAS(r.err, "not the bytes that were published");
    CHECK(!strstr(r.err, "secret"));
}

/* Half of the weights, then nothing, until somebody comes back for the rest. */
static bool wait_in_the_middle(const Ask *q)
{
    size_t n;

    if (!is_weights(q) || q->from > 0)
        return false;
    const char *data = repo_file(q->file, &n);
    say_head(q, "200 OK", (int64_t)n);
    say_end(q);
    say_bytes(q, data, n / 2);
    until_it_leaves(q, 5000);
    return true;
}

TEST(pull_interrupted_goes_on)
{
    Server s = server_start(wait_in_the_middle);
    Ran r = command(PULL "$E-pull org/name & p=$!; " HALF "kill -INT $p; wait $p; echo $?", ON(s));

    CHECK_TEXT(r.out, "75\n");
    CHECK_HAS(r.err, "error: stopped");
    CHECK_HAS(r.err, "kept      150000 bytes");
    CHECK(command("test -e m/org/name || test -e m/org/name.part/" SPLASH).code != 0);
    r = command("HF_HUB_OFFLINE=1 " PULL "$E pull org/name", ON(s));
    CHECK_CODE(r, 69);
    CHECK_HAS(r.err, "config.json, 41 bytes");
    r = command(PULL "$E pull org/name", ON(s));
    server_stop(&s);
    CHECK_CODE(r, 0);
    CHECK_HAS(server_heard(), SPLASH " from=150000 if-range=\"");
    CHECK_INT(lines_with(server_heard(), " vocab.txt "), 1); /* it was whole */
    CHECK(command("cd m/org/name && sha256sum -c --quiet SHA256SUMS").code == 0);
}

TEST(pull_killed_goes_on)
{
    Server s = server_start(wait_in_the_middle);

    (void)command(PULL "$E-pull org/name & p=$!; " HALF "kill -KILL $p; wait $p", ON(s));
    CHECK(command("test -e m/org/name").code != 0);
    CHECK_CODE(command(PULL "$E pull org/name; rm -r m/org/name", ON(s)), 0);
    /* an older part that does not belong to the file: thrown away, not built upon */
    CHECK_CODE(command("mkdir -p m/org/name.part && head -c 9000 /dev/zero > "
                       "m/org/name.part/" SPLASH ".part && echo '9000 \"x\"' > "
                       "m/org/name.part/" SPLASH ".part.state"),
               0);
    CHECK_CODE(command(PULL "$E pull org/name", ON(s)), 0);
    server_stop(&s);
    CHECK(command("cd m/org/name && sha256sum -c --quiet SHA256SUMS").code == 0);
}

/* Each refused call of the system: a message, and at the end the old folder or the new one, whole. */
TEST(pull_survives_refused_calls)
{
    static const struct {
        const char *kind;
        int n;
    } some[] = {{"alloc", 20}, {"alloc", 70}, {"open", 5},    {"open", 40},
                {"read", 2},   {"write", 1},  {"write", 12},  {"sync", 3},
                {"sync", 30},  {"rename", 4}, {"rename", 13}, {"rename", 16},
                {"mkdir", 4},  {"stat", 9},   {"lock", 1},    {"fstat", 5}};
    Server s = server_start(NULL);

    CHECK_CODE(command(PULL "$E pull org/name", ON(s)), 0);
    for (size_t i = 0; i < LEN(some); i++)
        for (int again = 0; again < 2; again++) {
            Ran r = command(PULL "EG_FAIL=%s:%d $E-pull org/name --again", ON(s), some[i].kind,
                            some[i].n);

            CHECK(r.code == 0 ||
                  ((r.code == 70 || r.code == 73 || r.code == 74) && strstr(r.err, "error: ")));
            CHECK_HAS(r.err, ", 0 things are not given back");
            CHECK_CODE(command("cd m/org/name && sha256sum -c --quiet SHA256SUMS"), 0);
        }
    CHECK_CODE(command(PULL "$E pull org/name --again", ON(s)), 0);
    CHECK_CODE(command("ls m/org | grep -c . | grep -qx 1"), 0);
    server_stop(&s);
}

/* Two at once: one brings it, the other says who does. */
TEST(pull_two_at_once)
{
    Server s = server_start(wait_in_the_middle);
    Ran r = command(PULL "; export ENGRAFT_MODELS EG_PULL_LOOPBACK HF_ENDPOINT; "
                         "$E pull org/name & " HALF "$E pull org/name; echo $?; wait",
                    ON(s));

    server_stop(&s);
    CHECK_HAS(r.out, "73\n");
    CHECK_HAS(r.out, "m/org/name\n");
    CHECK_HAS(r.err, "another run is working");
}

TEST(pull_offline_says_what_is_missing)
{
    static const char *const how[] = {"HF_HUB_OFFLINE=1", "TRANSFORMERS_OFFLINE=true", ""};

    for (size_t i = 0; i < LEN(how); i++) {
        Ran r = command("%s ENGRAFT_MODELS=m $E pull AntiBERTy %s", how[i],
                        how[i][0] ? "" : "--offline");

        CHECK_CODE(r, 69);
        CHECK_HAS(r.err, "pytorch_model.bin, 104174334 bytes");
    }
    CHECK_CODE(command("ENGRAFT_MODELS=m $E pull org/name --offline"), 69);
    CHECK_CODE(command("d=hf/hub/models--org--name; mkdir -p $d/snapshots/abc $d/refs && "
                       "echo abc > $d/refs/main"),
               0);
    Ran r = command("ENGRAFT_MODELS=m HF_HOME=hf $E pull org/name --offline");
    CHECK_HAS(r.err, "but       it is in hf/hub/models--org--name/snapshots/abc");
    r = command("ENGRAFT_MODELS=m HF_HOME=hf $E pull");
    CHECK_HAS(r.out, "here  org/name");
    CHECK_HAS(r.out, "in the Hugging Face cache");
    CHECK(command("test -e m").code != 0);
}

TEST(pull_lock_brings_the_same_bytes)
{
    Server s = server_start(NULL);

    CHECK_CODE(command(PULL "$E pull org/name && mv m/org/name/SHA256SUMS lock && rm -r m", ON(s)),
               0);
    CHECK_CODE(command(PULL "$E pull org/name --lock lock", ON(s)), 0);
    CHECK_CODE(command("cmp lock m/org/name/SHA256SUMS || grep -q 'checked by pin' "
                       "m/org/name/SHA256SUMS"),
               0);
    CHECK_CODE(command(PULL "$E pull org/name --lock lock --verify", ON(s)), 0);
    CHECK_CODE(command("sed -i 's/^[0-9a-f]\\{4\\}\\(.*vocab\\)/0000\\1/' lock"), 0);
    Ran r = command(PULL "$E pull org/name --lock lock", ON(s));
    server_stop(&s);
    CHECK_CODE(r, 65);
    CHECK_HAS(r.err, "vocab.txt");
    CHECK_HAS(r.err, "not the bytes that were published");
    CHECK_CODE(command("cd m/org/name && sha256sum -c --quiet SHA256SUMS"), 0);
}

TEST(pull_verify_finds_a_flipped_bit)
{
    Server s = server_start(NULL);

    CHECK_CODE(command(PULL "$E pull org/name && printf x | dd of=m/org/name/" SPLASH
                            " bs=1 seek=1000 conv=notrunc status=none",
                       ON(s)),
               0);
    CHECK_CODE(command(PULL "$E pull org/name", ON(s)), 0);
    Ran r = command(PULL "$E pull org/name --verify --offline", ON(s));
    CHECK_CODE(r, 69);
    CHECK_HAS(r.err, SPLASH);
    CHECK_CODE(command(PULL "$E pull org/name --verify", ON(s)), 0);
    CHECK_CODE(command("truncate -s 5 m/org/name/vocab.txt"), 0);
    CHECK_CODE(command(PULL "$E pull org/name", ON(s)), 0); /* a wrong size needs no reading */
    CHECK_CODE(command("cd m/org/name && sha256sum -c --quiet SHA256SUMS"), 0);
    CHECK_CODE(command("echo nonsense > m/org/name/SHA256SUMS"), 0);
    CHECK_CODE(command(PULL "$E pull org/name", ON(s)), 0);
    server_stop(&s);
    CHECK_CODE(command("cd m/org/name && sha256sum -c --quiet SHA256SUMS"), 0);
}

/* Nothing of a person's own is replaced. */
TEST(pull_leaves_own_folders)
{
    CHECK_CODE(command("mkdir -p m/org/name && echo mine > m/org/name/notes"), 0);
    Ran r = command("ENGRAFT_MODELS=m $E pull org/name");
    CHECK_CODE(r, 73);
    CHECK_HAS(r.err, "pull did not make");
    CHECK_CODE(command("grep mine m/org/name/notes"), 0);
}

/* A link planted where the folder is made must not lead the files elsewhere. */
TEST(pull_follows_no_planted_link)
{
    Server s = server_start(NULL);

    CHECK_CODE(command("mkdir -p m/org else && ln -s ../../else m/org/name.part"), 0);
    CHECK_CODE(command(PULL "$E pull org/name && test -z \"$(ls else)\"", ON(s)), 0);
    server_stop(&s);
}

TEST(pull_wrong_use)
{
    static const struct {
        const char *line;
        int code;
        const char *says;
    } wrong[] = {
        {"$E pull ../x", 2, "no name of a repository"},
        {"$E pull a/b/c", 2, "no name of a repository"},
        {"$E pull 'a b'", 2, "no name of a repository"},
        {"$E pull org/name --revision ../main", 2, "no name of a revision"},
        {"$E pull AntiBERTy --revision v2", 2, "pinned"},
        {"$E pull org/name --wheel x.whl", 2, "--wheel is for"},
        {"$E pull resnet20-cifar10 --wheel x.whl", 2, "does not come in a wheel"},
        {"$E pull AntiBERTy --wheel x.whl", 66, "x.whl"},
        {"echo > x.whl; $E pull AntiBERTy --wheel x.whl", 65, "not the file that was released"},
        {"$E pull org/name --lock nowhere", 66, "nowhere"},
        {"echo x > lock; $E pull org/name --lock lock", 65, "lock, line 1"},
        {"$E pull --retries many", 2, "a whole number"},
        {"$E-pull --help > /dev/null; $E-pull --nonsense", 2, "no flag --nonsense"},
        {"HF_ENDPOINT=http://127.0.0.1:9 $E pull org/name", 69, "not https"},
        {"HF_ENDPOINT=http://example.org EG_PULL_LOOPBACK=127.0.0.1:9 $E pull org/name", 69,
         "not https"},
        {"HF_ENDPOINT=https://user:word@127.0.0.1 $E pull org/name", 69, "not plain"},
        {"HF_ENDPOINT=https://127.0.0.1:1 $E pull org/name", 69, "cannot be reached"},
        {"mkdir f; echo > f/x; ENGRAFT_MODELS=f/x $E pull org/name", 73, "f/x"},
        {"ENGRAFT_MODELS=/sys/engraft $E pull org/name", 74, "/sys/engraft"},
        {"env -u HOME -u ENGRAFT_MODELS $E pull", 66, "says where models go"},
    };

    for (size_t i = 0; i < LEN(wrong); i++) {
        Ran r = command("export ENGRAFT_MODELS=m; %s", wrong[i].line);

        if (r.code != wrong[i].code)
            fprintf(stderr, "%s\n", wrong[i].line);
        CHECK_CODE(r, wrong[i].code);
        CHECK_HAS(r.err, "error: ");
        CHECK_HAS(r.err, wrong[i].says);
    }
}

/* ---- models of the registry ---- */

static const char *resnet; /* in the server's process: the released file */
static size_t resnet_size;

static bool publisher_spoils(const Ask *q)
{
    bool mirror = strstr(q->path, "/cdn.jsdelivr.net/") != NULL;

    if (!strstr(q->path, "resnet20-12fca82f.th"))
        return false;
    say(q, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", resnet_size);
    say_bytes(q, resnet, resnet_size - 1);
    say(q, "%c", resnet[resnet_size - 1] ^ !mirror);
    return true;
}

TEST(pull_registry_goes_on_to_the_mirror)
{
    Err err = {0};
    Bytes b;

    CHECK_OK(file_read_all(&err, test_arena(),
                           test_shared("data/models/resnet20-cifar10/resnet20-12fca82f.th"),
                           1 << 22, &b));
    resnet = (const char *)b.data;
    resnet_size = b.n;
    Server s = server_start(publisher_spoils);
    Ran r = command(PULL "$E pull resnet20-cifar10", ON(s));
    server_stop(&s);
    CHECK_CODE(r, 0);
    CHECK_HAS(r.err, "not the bytes that were published; trying the next source");
    CHECK_HAS(server_heard(), "raw.githubusercontent.com/akamaster/");
    CHECK_CODE(command("cd m/resnet20-cifar10 && sha256sum -c SHA256SUMS"), 0);
    CHECK_CODE(command(PULL "$E pull resnet20-cifar10", ON(s)), 0);
}

/* pip is asked by name; what it says stays visible, and what it lacks is named. */
TEST(pull_registry_without_pip)
{
    CHECK_CODE(command("mkdir bin; printf '#!/bin/sh\\necho \"pip: $*\" >&2; exit 1\\n' > "
                       "bin/python3; chmod +x bin/python3"),
               0);
    Ran r = command("PATH=bin:$PATH ENGRAFT_MODELS=m $E pull AntiBERTy");
    CHECK_CODE(r, 69);
    CHECK_HAS(r.err, "antiberty==0.1.3");
    CHECK_HAS(r.err, "--wheel FILE");
    CHECK_CODE(command("test -e m/AntiBERTy"), 1);
    r = command("PATH=nowhere ENGRAFT_MODELS=m $E pull AntiBERTy");
    CHECK_CODE(r, 69);
    CHECK_HAS(r.err, "apt-get install python3-pip");
}

/* Nothing but engraft-pull can reach a network. */
TEST(pull_alone_links_a_network_library)
{
    Ran r = command("ldd $E && ! ldd $E | grep -i 'curl\\|ssl\\|crypto\\|nghttp'");

    CHECK_CODE(r, 0);
    CHECK_CODE(command("ldd $E-pull | grep -q libcurl"), 0);
}

/* SPDX-License-Identifier: MIT */

/* test_random.c - Philox against the published vectors (Random123, kat_vectors), quantiles, permutations. */
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "test.h"

static void check_philox(int rounds, const uint32_t counter[4], const uint32_t key[2],
                         const uint32_t wanted[4])
{
    uint32_t out[4];

    philox4x32_rounds(rounds, counter, key, out);
    for (int i = 0; i < 4; i++)
        CHECK_INT(out[i], wanted[i]);
}

static const uint32_t zero[4], ones[4] = {~0u, ~0u, ~0u, ~0u};
static const uint32_t pi[4] = {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344};
static const uint32_t pi_key[2] = {0xa4093822, 0x299f31d0};

TEST(base_random_philox_10_rounds_published)
{
    check_philox(10, zero, zero, (uint32_t[]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    check_philox(10, ones, ones, (uint32_t[]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    check_philox(10, pi, pi_key, (uint32_t[]){0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST(base_random_philox_7_rounds_published)
{
    check_philox(7, zero, zero, (uint32_t[]){0x5f6fb709, 0x0d893f64, 0x4f121f81, 0x4f730a48});
    check_philox(7, ones, ones, (uint32_t[]){0x5207ddc2, 0x45165e59, 0x4d8ee751, 0x8c52f662});
    check_philox(7, pi, pi_key, (uint32_t[]){0x4dfccaba, 0x190a87f0, 0xc47362ba, 0xb6b5242a});
}

TEST(base_random_quantile_published)
{
    CHECK_NEAR(normal_quantile(0.25), -0.6744897501960817, 1e-15); /* Wichura's three */
    CHECK_NEAR(normal_quantile(0.001), -3.090232306167814, 1e-14);
    CHECK_NEAR(normal_quantile(1e-20), -9.262340089798408, 1e-13);
    CHECK_NEAR(normal_quantile(0.999), 3.090232306167814, 1e-13);
    CHECK(normal_quantile(0.5) == 0);
}

/* The inverse of the quantile is the distribution: erfc of libm is the judge. */
TEST(base_random_quantile_inverts_the_distribution)
{
    for (int i = 1; i < 2000; i++) {
        double p = i / 2000.0, x = normal_quantile(p);
        CHECK_NEAR(0.5 * erfc(-x / sqrt(2.0)), p, 4e-16);
    }
}

TEST(base_random_moments)
{
    enum { N = 200000 };
    double sum = 0, squares = 0, fourth = 0, uniform = 0;

    for (uint64_t i = 0; i < N; i++) {
        double x = random_normal(7, random_purpose("test"), i), u = random_uniform(7, 1, i);
        CHECK(u >= 0 && u < 1);
        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
        uniform += u;
    }
    CHECK_NEAR(sum / N, 0, 0.01);
    CHECK_NEAR(squares / N, 1, 0.02);
    CHECK_NEAR(fourth / N, 3, 0.15);
    CHECK_NEAR(uniform / N, 0.5, 0.003);
}

/* One hash of many deviates: it must be the same on every machine and under every compiler. */
TEST(base_random_normal_bits_are_fixed)
{
    uint64_t h = 0;

    for (uint64_t i = 0; i < 20000; i++) {
        double x = random_normal(i, i * i, ~i);
        h = hash_fnv1a(&x, sizeof x, h);
    }
    CHECK_INT((int64_t)h, 7472397734003939183);
}

TEST(base_random_seed_purpose_and_index_matter)
{
    double x = random_uniform(1, 2, 3);

    CHECK(x == random_uniform(1, 2, 3));
    CHECK(x != random_uniform(2, 2, 3) && x != random_uniform(1ull << 32 | 1, 2, 3));
    CHECK(x != random_uniform(1, 3, 3) && x != random_uniform(1, 1ull << 32 | 2, 3));
    CHECK(x != random_uniform(1, 2, 4) && x != random_uniform(1, 2, 1ull << 32 | 3));
}

TEST(base_random_permutation_hits_each_once)
{
    static const uint64_t sizes[] = {1, 2, 3, 5, 16, 17, 100, 257, 4096, 10007};
    static bool seen[10007];

    for (size_t s = 0; s < LEN(sizes); s++)
        for (uint64_t key = 0; key < 5; key++) {
            memset(seen, 0, sizeof seen);
            for (uint64_t i = 0; i < sizes[s]; i++) {
                uint64_t p = random_permute(i, sizes[s], key);
                CHECK(p < sizes[s] && !seen[p]);
                seen[p] = true;
            }
        }
}

TEST(base_random_permutation_is_even)
{
    enum { N = 10, KEYS = 20000 };
    static int count[N][N]; /* how often i goes to p */

    for (uint64_t key = 0; key < KEYS; key++)
        for (uint64_t i = 0; i < N; i++)
            count[i][random_permute(i, N, key)]++;
    for (int i = 0; i < N; i++)
        for (int p = 0; p < N; p++)
            CHECK_NEAR(count[i][p], KEYS / N, 250); /* standard deviation 42 */
}

TEST(base_random_permutation_of_very_many)
{
    uint64_t n = (1ull << 62) + 12345;

    CHECK(random_permute(n - 1, n, 9) < n);
    CHECK(random_permute(0, n, 9) != random_permute(1, n, 9));
}
/* SPDX-License-Identifier: MIT */

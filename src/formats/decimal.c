/* decimal.c - decimal numbers in bulk, to the nearest double.  Digits that fit 53 bits, times or over a power of ten
 * that a double holds exactly, need one operation (Clinger: How to read floating point numbers accurately, 1990);
 * the rest goes through strtod with the point taken out, so that the host's locale has no say. */
#include "formats/vectors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DECIMAL_MAX 300 /* characters */

typedef struct Decimal {
    bool negative;
    uint64_t digits; /* the first 19 that count */
    int used;
    int64_t exponent;
} Decimal;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits with at most one point among them; how many characters that is, 0 when there is no digit. */
static size_t read_digits(Decimal *d, const char *s, size_t n)
{
    size_t i = 0, seen = 0;
    bool point = false;

    for (; i < n && (is_digit(s[i]) || (s[i] == '.' && !point)); i++) {
        if (s[i] == '.') {
            point = true;
            continue;
        }
        seen++;
        d->exponent -= point;
        if (d->used < 19) {
            d->digits = 10 * d->digits + (uint64_t)(s[i] - '0');
            d->used += d->digits > 0;
        } else {
            d->used = 20; /* more than it keeps */
        }
    }
    return seen ? i : 0;
}

/* "e-05" and the end. */
static bool read_exponent(Decimal *d, const char *s, size_t n)
{
    size_t i = n > 1 && (s[1] == '-' || s[1] == '+') ? 2 : 1;
    int64_t power = 0;

    if ((s[0] != 'e' && s[0] != 'E') || i >= n)
        return false;
    bool negative = s[1] == '-';
    for (; i < n && is_digit(s[i]); i++)
        power = power < 100000 ? 10 * power + (s[i] - '0') : power;
    d->exponent += negative ? -power : power;
    return i == n;
}

static double by_strtod(const Decimal *d, const char *s, size_t n, size_t digits)
{
    char text[DECIMAL_MAX + 40];
    size_t used = 0;

    for (size_t i = n - digits; i < n; i++)
        if (is_digit(s[i]))
            text[used++] = s[i];
    (void)snprintf(text + used, sizeof text - used, "e%lld", (long long)d->exponent);
    double x = strtod(text, NULL);
    return d->negative ? -x : x;
}

bool decimal_parse(const char *s, size_t n, double *out)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    Decimal d = {0};
    size_t at = n && (s[0] == '-' || s[0] == '+');

    if (n > DECIMAL_MAX)
        return false;
    d.negative = n && s[0] == '-';
    size_t digits = read_digits(&d, s + at, n - at), end = at + digits;
    if (!digits || (end < n && !read_exponent(&d, s + end, n - end)))
        return false;
    int64_t most = (int64_t)LEN(power) - 1;
    if (d.used <= 19 && d.digits <= (uint64_t)1 << 53 && d.exponent >= -most &&
        d.exponent <= most) {
        double x = (double)d.digits;
        x = d.exponent < 0 ? x / power[-d.exponent] : x * power[d.exponent];
        *out = d.negative ? -x : x;
    } else {
        *out = by_strtod(&d, s, end, digits);
    }
    return isfinite(*out);
}

/* SPDX-License-Identifier: MIT */

/* The peer of `crates/trust/examples/speed.rs`: OpenSSL's low-level calls over a master list and over EF.SODs, one thread.
 *
 *   cc -O2 -o openssl_list openssl_list.c -lcrypto && ./openssl_list DATA [ROUNDS]
 *
 * The list: d2i_X509 on every certificate, then X509_verify under every certificate its authority key identifier or its issuer's
 * name points to, until one verifies. No chain check is made: X509_verify_cert refuses explicit curve parameters.
 * EF.SOD: CMS_verify without chain, then X509_verify of the signer under the CSCA found before. */
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX 1024
static X509 *listed[MAX];
static int count;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* other work on the machine does not count */
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static unsigned char *load(const char *folder, const char *name, long *length) {
    char path[4096];
    snprintf(path, sizeof path, "%s/emrtd/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file) { perror(path); exit(1); }
    unsigned char *bytes = malloc(4 << 20);
    *length = (long)fread(bytes, 1, 4 << 20, file);
    fclose(file);
    return bytes;
}

/* The content of a CscaMasterList: SEQUENCE { version, SET OF Certificate }. */
static const unsigned char *members(const unsigned char *at, long length, const unsigned char **end) {
    long inner;
    int tag, class;
    const unsigned char *whole = at;
    ASN1_get_object(&at, &inner, &tag, &class, length);
    at += 3;
    ASN1_get_object(&at, &inner, &tag, &class, length - (at - whole));
    *end = at + inner;
    return at;
}

static void parse(const unsigned char *at, const unsigned char *end) {
    count = 0;
    while (at < end && count < MAX) {
        X509 *certificate = d2i_X509(NULL, &at, end - at);
        if (!certificate) { fprintf(stderr, "certificate %d is refused\n", count); exit(1); }
        X509_check_purpose(certificate, -1, 0); /* reads the extensions, without which nothing can be paired */
        listed[count++] = certificate;
    }
}

static int points_to(X509 *subject, X509 *issuer) {
    const ASN1_OCTET_STRING *wanted = X509_get0_authority_key_id(subject), *own = X509_get0_subject_key_id(issuer);
    if (wanted && own && ASN1_OCTET_STRING_cmp(wanted, own) == 0) return 1;
    return X509_NAME_cmp(X509_get_issuer_name(subject), X509_get_subject_name(issuer)) == 0;
}

/* Two passes: the named key first, then the named issuer, as the peer does. */
static X509 *issuer_of(X509 *subject) {
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < count; i++) {
            const ASN1_OCTET_STRING *wanted = X509_get0_authority_key_id(subject), *own = X509_get0_subject_key_id(listed[i]);
            int by_key = wanted && own && ASN1_OCTET_STRING_cmp(wanted, own) == 0;
            if (pass == 0 ? !by_key : by_key || !points_to(subject, listed[i])) continue;
            if (X509_verify(subject, X509_get0_pubkey(listed[i])) == 1) return listed[i];
            ERR_clear_error();
        }
    return NULL;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(const char *what, int answer, double *times, int rounds) {
    qsort(times, (size_t)rounds, sizeof *times, by_value);
    printf("%-46s %4d  best %8.3f ms  median %8.3f ms\n", what, answer, times[0], times[rounds / 2]);
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    int rounds = argc > 2 ? atoi(argv[2]) : 15;
    if (rounds < 1 || rounds > 200) return 2;
    double parsing[200], verifying[200], both[200];
    long length;
    unsigned char *list = load(argv[1], "masterlist/DE_ML_2026-05-28.ml", &length);
    const unsigned char *at = list, *end;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, length);
    ASN1_OCTET_STRING *content = *CMS_get0_content(cms);
    int verified = 0;
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < count; i++) X509_free(listed[i]);
        double start = now();
        at = members(content->data, content->length, &end);
        parse(at, end);
        double middle = now();
        verified = 0;
        for (int i = 0; i < count; i++) verified += issuer_of(listed[i]) != NULL;
        double stop = now();
        parsing[round] = middle - start, verifying[round] = stop - middle, both[round] = stop - start;
    }
    report("list read", count, parsing, rounds);
    report("list: signatures between its certificates", verified, verifying, rounds);
    report("list read and all signatures verified", verified, both, rounds);

    static const char *countries[] = {"AT", "AU", "CN", "DE", "FI", "FR", "MY", "NZ", "US"};
    for (size_t c = 0; c < sizeof countries / sizeof *countries; c++) {
        char name[64];
        snprintf(name, sizeof name, "sod/%s_EF_SOD.bin", countries[c]);
        unsigned char *sod = load(argv[1], name, &length);
        int good = 0;
        for (int round = 0; round < rounds; round++) {
            double start = now();
            long inner;
            int tag, class;
            at = sod;
            ASN1_get_object(&at, &inner, &tag, &class, length);
            CMS_ContentInfo *signed_data = d2i_CMS_ContentInfo(NULL, &at, inner);
            BIO *out = BIO_new(BIO_s_null());
            good = signed_data && CMS_verify(signed_data, NULL, NULL, NULL, out, CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY) == 1;
            STACK_OF(X509) *certificates = signed_data ? CMS_get1_certs(signed_data) : NULL;
            if (certificates && sk_X509_num(certificates) > 0) good += issuer_of(sk_X509_value(certificates, 0)) != NULL;
            sk_X509_pop_free(certificates, X509_free);
            BIO_free(out);
            CMS_ContentInfo_free(signed_data);
            ERR_clear_error();
            both[round] = now() - start;
        }
        snprintf(name, sizeof name, "EF.SOD %s", countries[c]);
        report(name, good, both, rounds); /* 2: signature and issuer */
        free(sod);
    }
    return 0;
}

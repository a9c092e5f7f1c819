// verify BUNDLE LEAF NAME: loads authorities and a leaf with Mbed TLS, says how many it loaded, verifies chain and name.
#include <mbedtls/x509_crt.h>
#include <stdio.h>

int main(int count, char **arguments) {
    if (count != 4) return 2;
    mbedtls_x509_crt authorities, leaf;
    mbedtls_x509_crt_init(&authorities);
    mbedtls_x509_crt_init(&leaf);
    int refused = mbedtls_x509_crt_parse_file(&authorities, arguments[1]);
    int loaded = 0;
    for (mbedtls_x509_crt *one = &authorities; one != NULL && one->raw.p != NULL; one = one->next) loaded++;
    printf("loaded %d\n", loaded);
    if (refused != 0) {
        printf("authorities: -0x%04x or %d refused\n", -refused, refused);
        return 3;
    }
    if (mbedtls_x509_crt_parse_file(&leaf, arguments[2]) != 0) return 4;
    uint32_t flags = 0;
    int verdict = mbedtls_x509_crt_verify(&leaf, &authorities, NULL, arguments[3], &flags, NULL, NULL);
    char why[512];
    mbedtls_x509_crt_verify_info(why, sizeof why, "", flags);
    printf("%s", why);
    return verdict == 0 ? 0 : 1;
}

// The client's certificate as RFC 9440 writes it: `:`, the base64 of its DER, `:`. Empty where there is none, and nginx
// then sends no header at all. nginx alone can only give it as PEM, whose line breaks no header may hold.
function field(request) {
    const pem = request.variables.ssl_client_raw_cert;
    return pem ? ":" + pem.replace(/-----(BEGIN|END) CERTIFICATE-----|\s/g, "") + ":" : "";
}

export default { field };

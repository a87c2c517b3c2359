#include "weir/config/rest_options.h"

namespace weir {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;

const ConfigOption<std::string> kRestAddress{
    {.key = "rest.address",
     .doc = "The host by which others reach the REST API and the web UI: it stands in the address that the log names. "
            "Not set: rest.bind-address."}};

const ConfigOption<std::string> kRestPort{
    {.key = "rest.port",
     .doc = "The port of the REST API and the web UI: one, a range or a list of both (8081, 50100-50200), of which the "
            "first free one is taken; 0: any free port. A program that runs embedded listens only if this is set."},
    "8081"};

const ConfigOption<std::string> kRestBindAddress{
    {.key = "rest.bind-address", .doc = "The address that the REST server listens on."}, "localhost"};

const ConfigOption<Duration> kWebTimeout{
    {.key = "web.timeout", .doc = "How long the REST server waits for the JobManager's answer."}, 10min};

const ConfigOption<Duration> kWebRefreshInterval{
    {.key = "web.refresh-interval", .doc = "How often the web UI asks for news."}, 3s};

const ConfigOption<int> kCheckpointHistory{
    {.key = "web.checkpoints.history", .doc = "How many checkpoints of a job the REST API remembers in full."}, 10};

const ConfigOption<bool> kWebCancel{
    {.key = "web.cancel.enable", .doc = "Whether jobs may be cancelled through the REST API."}, true};

const ConfigOption<bool> kWebSubmit{
    {.key = "web.submit.enable", .doc = "Whether jobs may be uploaded and run through the REST API."}, true};

const ConfigOption<std::string> kAllowedOrigin{
    {.key = "web.access-control-allow-origin",
     .doc = "Value of the Access-Control-Allow-Origin header. Empty: pages of other origins may not read the answers."},
    ""};

const ConfigOption<MemorySize> kRestMaxContentLength{
    {.key = "rest.server.max-content-length",
     .doc = "The largest program that may be uploaded. It is written to disk as it comes."},
    MemorySize::MiB(512)};

const ConfigOption<std::string> kWebUploadDir{{.key = "web.upload.dir",
                                               .doc = "Where uploaded programs are kept; they stay over a restart of "
                                                      "the JobManager. Default: jars in the JobManager's folder below "
                                                      "io.tmp.dirs."},
                                              ""};

const ConfigOption<std::string> kRestTokenFile{
    {.key = "rest.authentication.token-file",
     .doc = "A file whose first line is a token that every call of the REST API must bring, as \"Authorization: Bearer "
            "<token>\". Only its owner may read it. Empty: whoever reaches the port may do everything."},
    ""};

const ConfigOption<bool> kRestSslEnabled{
    {.key = "security.ssl.rest.enabled", .doc = "Whether the REST API and the web UI are served over TLS (https)."},
    false};

const ConfigOption<std::string> kRestSslCertificate{
    {.key = "security.ssl.rest.certificate", .doc = "The server's certificate with its chain, a PEM file."}, ""};

const ConfigOption<std::string> kRestSslPrivateKey{
    {.key = "security.ssl.rest.private-key", .doc = "The private key of the certificate, a PEM file."}, ""};

}  // namespace weir

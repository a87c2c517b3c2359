#include "weir/jobmanager/rest/web_assets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/in_memory_file_system.h"

namespace weir {
namespace {

class WebAssetsTest : public testing::Test {
 protected:
  WebAssetsTest() {
    Write("/web/index.html", "page");
    Write("/web/index.html.gz", "packed page");
    Write("/web/favicon.svg", "icon");
    Write("/web/assets/main-1a2b.js", "script");
    Write("/web/assets/main-1a2b.js.gz", "packed script");
    Write("/secret", "of the machine");
    assets_ = *WebAssets::Load(files_, "/web");
  }

  void Write(const std::string& path, const std::string& content) {
    ASSERT_TRUE(files_.CreateDirectories(path.substr(0, path.rfind('/') + 1)).ok());
    ASSERT_TRUE(WriteFileAtomically(files_, path, content).ok());
  }

  static std::string HeaderOf(const WebAnswer& answer, std::string_view name) {
    const auto found = std::ranges::find(answer.headers, name, &std::pair<std::string, std::string>::first);
    return found == answer.headers.end() ? "" : found->second;
  }

  InMemoryFileSystem files_;
  WebAssets assets_;
};

TEST_F(WebAssetsTest, AllPagesOfTheUiAreTheOneFile) {
  for (const char* path : {"/", "/ui", "/ui/jobs", "/ui/jobs/0a/exceptions", "/index.html"}) {
    ASSERT_TRUE(assets_.Serves(path)) << path;
    const WebAnswer answer = assets_.Answer(path, {});
    EXPECT_EQ(answer.body, "page") << path;
    EXPECT_EQ(answer.content_type, "text/html; charset=utf-8");
    EXPECT_EQ(HeaderOf(answer, "Cache-Control"), "no-cache");
    EXPECT_NE(HeaderOf(answer, "Content-Security-Policy"), "");
  }
}

TEST_F(WebAssetsTest, ThePageFindsItsFilesFromAnyDepthAndBehindAnyPrefix) {
  Write("/web/index.html", R"(<script src="./assets/a.js"></script><link href="./assets/a.css">)");
  assets_ = *WebAssets::Load(files_, "/web");
  const auto at = [&](const char* root) {
    return std::string("<script src=\"") + root + "assets/a.js\"></script><link href=\"" + root + "assets/a.css\">";
  };
  EXPECT_EQ(assets_.Answer("/", {}).body, at("./"));
  EXPECT_EQ(assets_.Answer("/ui", {}).body, at("./"));
  EXPECT_EQ(assets_.Answer("/ui/jobs", {}).body, at("../"));
  EXPECT_EQ(assets_.Answer("/ui/task-managers/a/log-files/b", {}).body, at("../../../../"));
  EXPECT_EQ(assets_.Answer("/ui/1/2/3/4/5/6/7/8/9", {}).status, 404);
}

TEST_F(WebAssetsTest, PathsOfTheApiAreLeftToIt) {
  for (const char* path : {"/jobs", "/overview", "/config", "/uid", "/v1/jobs"}) EXPECT_FALSE(assets_.Serves(path));
}

TEST_F(WebAssetsTest, WhoAcceptsGzipGetsTheFileThatTheBuildCompressed) {
  const WebAnswer packed = assets_.Answer("/assets/main-1a2b.js", {.accepts_gzip = true});
  EXPECT_EQ(packed.body, "packed script");
  EXPECT_EQ(HeaderOf(packed, "Content-Encoding"), "gzip");
  EXPECT_EQ(packed.content_type, "text/javascript; charset=utf-8");
  const WebAnswer plain = assets_.Answer("/assets/main-1a2b.js", {});
  EXPECT_EQ(plain.body, "script");
  EXPECT_EQ(HeaderOf(plain, "Content-Encoding"), "");
  EXPECT_EQ(assets_.Answer("/favicon.svg", {.accepts_gzip = true}).body, "icon");
}

TEST_F(WebAssetsTest, NamesWithAHashAreKeptForever) {
  EXPECT_EQ(HeaderOf(assets_.Answer("/assets/main-1a2b.js", {}), "Cache-Control"),
            "public, max-age=31536000, immutable");
}

TEST_F(WebAssetsTest, ABrowserThatHasAFileIsToldSo) {
  const std::string etag = HeaderOf(assets_.Answer("/ui/jobs", {}), "ETag");
  const WebAnswer known = assets_.Answer("/ui/jobs", {.known_etag = etag});
  EXPECT_EQ(known.status, 304);
  EXPECT_EQ(known.body, "");
  EXPECT_EQ(assets_.Answer("/ui/jobs", {.known_etag = "\"another\""}).status, 200);
}

TEST_F(WebAssetsTest, NoPathLeadsOutOfTheFolder) {
  for (const char* path : {"/assets/../../secret", "/assets//secret", "/assets/absent.js"}) {
    ASSERT_TRUE(assets_.Serves(path)) << path;
    EXPECT_EQ(assets_.Answer(path, {}).status, 404) << path;
  }
  EXPECT_FALSE(assets_.Serves("/../secret"));
  EXPECT_EQ(assets_.Answer("/ui/../../secret", {}).body, "page");
}

TEST_F(WebAssetsTest, AUiThatWasNotBuiltSaysHowToGetIt) {
  const WebAssets none = *WebAssets::Load(files_, "/absent");
  EXPECT_FALSE(none.is_built());
  const WebAnswer answer = none.Answer("/", {});
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find("npm"), std::string_view::npos);
  EXPECT_EQ(none.Answer("/assets/main-1a2b.js", {}).status, 404);
}

}  // namespace
}  // namespace weir

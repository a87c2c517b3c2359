#include "weir/config/config_reference.h"

#include <string_view>
#include <vector>

#include "weir/config/config_option.h"

namespace weir {
namespace {

constexpr char kIntroduction[] = R"(# Configuration

<!-- Written from the options in src/. Do not edit; run: cmake --build --preset debug --target write_config_reference -->

Keys and values are Flink's. A value is looked for in this order; the first that is found counts:

1. what the program sets (`env.Configuration().Set(...)` and the environment's own setters),
2. the command line: `-Dkey=value`, `-p` or `--parallelism` for `parallelism.default`,
3. the file `config.yaml` in the folder that `WEIR_CONF_DIR` names (an old `flink-conf.yaml` is read if there is no other),
4. the default.

The file holds the keys nested or flat, or mixed:

```yaml
parallelism.default: 4
taskmanager:
  numberOfTaskSlots: 2
  memory.process.size: 2 gb
```

| Type | Written as |
|---|---|
| duration | a number and a unit: `10 s`, `500ms`, `3 min`, `1 d`; without a unit milliseconds; or ISO 8601: `PT1M30S` |
| memory size | a number and a unit: `32 kb`, `1gb` (powers of 1024); without a unit bytes |
| list | items separated by `;`, or a YAML sequence; an item with a `;` in it stands in quotes |
| map | `key:value` pairs separated by `,`, or one line per entry: `<key>.<entry>: value` |
| one of ... | a name of the list, in any case |

A wrong value stops the start with its file and line. An unknown key gives a warning with the nearest known one.
)";

// A table cell must not hold a bar.
std::string Cell(std::string_view text) {
  std::string cell;
  for (const char c : text) cell.append(c == '|' ? "\\|" : std::string(1, c));
  return cell;
}

std::string Row(const OptionBase& option) {
  std::string row = "| `" + std::string(option.key()) + "` | " + Cell(option.Type()) + " | ";
  row += option.DefaultText() == "none" ? "none" : "`" + Cell(option.DefaultText()) + "`";
  row += " | " + Cell(option.doc());
  std::string_view separator = " Older names: ";
  for (const std::string_view key : option.deprecated_keys()) {
    row.append(separator).append("`").append(key).append("`");
    separator = ", ";
  }
  if (!option.deprecated_keys().empty()) row += ".";
  return row + " |\n";
}

std::string Table(OptionStatus status) {
  std::string table = "| Key | Type | Default | |\n|---|---|---|---|\n";
  for (const OptionBase* option : AllOptions()) {
    if (option->status() == status) table += Row(*option);
  }
  return table;
}

}  // namespace

std::string ConfigReference() {
  std::string text = kIntroduction;
  text += "\n## Options\n\n" + Table(OptionStatus::kActive);
  text +=
      "\n## Accepted, needless in Weir\n\nFiles written for Flink may hold these; nothing here depends on them.\n\n";
  text += Table(OptionStatus::kNeedless);
  return text;
}

}  // namespace weir

// completion: what shells ask for when a person presses Tab.
#include <cstdio>

#include "weir/client/cli/command.h"

namespace weir::cli {
namespace {

std::string NamesOf(const OptionSpec& option) {
  std::string names = "--" + std::string(option.long_name);
  if (!option.short_name.empty() && option.short_name != option.long_name) {
    names += " -" + std::string(option.short_name);
  }
  return names;
}

std::string CommandNames() {
  std::string names;
  for (const Command& command : AllCommands()) names += (names.empty() ? "" : " ") + std::string(command.name);
  return names;
}

// Job ids are asked of the cluster; a cluster that does not answer gives none.
constexpr const char* kBashHead = R"sh(_weir() {
  local word=${COMP_WORDS[COMP_CWORD]} options=
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "%s" -- "$word"))
    return
  fi
  case "${COMP_WORDS[1]}" in
)sh";
constexpr const char* kBashTail = R"sh(  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
    *)
      case "${COMP_WORDS[1]}" in
        cancel | stop | savepoint | checkpoint | status | logs)
          COMPREPLY=($(compgen -W "$(weir list -a 2>/dev/null | grep -oE '[0-9a-f]{32}')" -- "$word")) ;;
        state) COMPREPLY=($(compgen -W "ls dump diff" -- "$word") $(compgen -f -- "$word")) ;;
        completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$word")) ;;
        *) COMPREPLY=($(compgen -f -- "$word")) ;;
      esac ;;
  esac
}
complete -o filenames -F _weir weir
)sh";

// Behind an option whose values are known, those are all there is.
void PrintBashChoices(const Command& command) {
  for (const OptionSpec& option : command.options) {
    if (option.choices.empty()) continue;
    std::printf("\n      case \"${COMP_WORDS[COMP_CWORD-1]}\" in --%s | -%s)\n", std::string(option.long_name).c_str(),
                std::string(option.short_name).c_str());
    std::printf("        COMPREPLY=($(compgen -W \"%s\" -- \"$word\")); return ;;\n      esac",
                std::string(option.choices).c_str());
  }
}

void PrintBash() {
  std::printf(kBashHead, CommandNames().c_str());
  for (const Command& command : AllCommands()) {
    std::string options;
    for (const OptionSpec& option : command.options) options += (options.empty() ? "" : " ") + NamesOf(option);
    std::printf("    %s) options=\"%s\"", std::string(command.name).c_str(), options.c_str());
    PrintBashChoices(command);
    std::puts(" ;;");
  }
  std::fputs(kBashTail, stdout);
}

std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char each : text) quoted += each == '\'' ? "'\\''" : std::string(1, each);
  return quoted + "'";
}

void PrintFish() {
  for (const Command& command : AllCommands()) {
    const std::string name(command.name);
    std::printf("complete -c weir -n __fish_use_subcommand -f -a %s -d %s\n", name.c_str(),
                Quoted(command.doc).c_str());
    for (const OptionSpec& option : command.options) {
      // -o: several letters behind one minus sign.
      const std::string short_name(option.short_name);
      const std::string as_short = short_name.empty() || short_name == option.long_name
                                       ? ""
                                       : (short_name.size() == 1 ? " -s " : " -o ") + short_name;
      const std::string values = option.choices.empty() ? "" : " -f -a " + Quoted(option.choices);
      std::printf("complete -c weir -n '__fish_seen_subcommand_from %s' -l %s%s%s%s -d %s\n", name.c_str(),
                  std::string(option.long_name).c_str(), as_short.c_str(), option.value.empty() ? "" : " -r",
                  values.c_str(), Quoted(option.doc).c_str());
    }
  }
}

}  // namespace

int CompletionCommand(const ParsedLine& line) {
  const std::string shell = line.positionals.size() == 1 ? line.positionals[0] : "";
  if (shell == "fish") {
    PrintFish();
  } else if (shell == "bash") {
    PrintBash();
  } else if (shell == "zsh") {
    std::puts("autoload -U +X bashcompinit && bashcompinit");
    PrintBash();
  } else {
    return Misuse(line, "which shell? expected bash, zsh or fish");
  }
  return kDone;
}

}  // namespace weir::cli

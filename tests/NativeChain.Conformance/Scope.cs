using System.Text.Json;

namespace NativeChain.Conformance;

/// <summary>The configuration that a case asks for.</summary>
internal static class Scope
{
    public static IDisposable Configure(JsonElement? config)
    {
        bool? train = null, debug = null;
        foreach (JsonProperty entry in config.Members())
        {
            switch (entry.Name)
            {
                case "train":
                    train = entry.Value.GetBoolean();
                    break;
                case "debug":
                    debug = entry.Value.GetBoolean();
                    break;
                default:
                    throw new CaseFailedException($"the case sets config.{entry.Name}, which the runner does not know");
            }
        }
        return Config.Using(train: train, debug: debug);
    }
}

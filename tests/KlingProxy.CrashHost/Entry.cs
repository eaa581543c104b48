using System.Globalization;

using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.CrashHost;

/// <summary>
/// The service as it is, in a process of its own that knows points to die at. It speaks by lines on standard output, can be told on standard
/// input where to die (<c>2 label</c>: the second time from now), and ends when that ends.
/// </summary>
internal static class Entry
{
    private static async Task Main()
    {
        var points = CrashPoints.FromEnvironment();
        using var service = new CrashableService(points);
        service.UseKestrel(0);
        service.StartServer();
        CrashPoints.Say("listens", service.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

        while (await Console.In.ReadLineAsync() is { } line)
            if (line.Split(' ', 2) is [var passage, var label])
                points.Arm(label, int.Parse(passage, CultureInfo.InvariantCulture));
    }
}

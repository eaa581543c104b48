using System.Text.RegularExpressions;
using System.Xml.Linq;

using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests;

/// <summary>The layout defends itself: which folder may know which, how full a room may be, and which words mean "not yet understood".</summary>
public sealed partial class ArchitectureTests
{
    private const int MaxFilesOfAFolder = 16, MaxLineLength = 160;

    private static readonly string Service = Path.Combine(Repository.Root, "src", "KlingProxy"),
        Sandbox = Path.Combine(Repository.Root, "src", "KlingProxy.Sandbox");

    private static readonly string[] Folders =
        [.. Directory.EnumerateDirectories(Service).Where(folder => Sources(folder).Any()).Select(folder => Path.GetFileName(folder)!)];

    /// <summary>A folder by the short name that stands in for it inside our own namespace.</summary>
    private static readonly Regex Qualified = new($@"(?<![.\w])({string.Join('|', Folders)})\.(?=[A-Z]\w*)", RegexOptions.CultureInvariant);

    public static TheoryData<string, string[]> MayUse => new()
    {
        { "Ids", [] },
        { "Http", [] },
        { "Settings", [] },
        { "Secrets", [] },
        { "Fal", ["Ids", "Secrets", "Settings"] },
        { "Observability", ["Http", "Secrets"] },
        { "Studio", [] },
        { "Access", ["Http", "Ids", "Secrets", "Settings"] },
        { "Models", ["Http", "Settings"] },
        { "Spending", ["Access", "Fal", "Http", "Ids", "Models", "Settings"] },
        { "Orders", ["Access", "Http", "Ids", "Models", "Spending"] },
        { "OpenApi", ["Access", "Http", "Models", "Orders"] },
        { "Jobs", ["Access", "Fal", "Http", "Ids", "Models", "Orders", "Secrets", "Settings", "Spending"] },
        { "Uploads", ["Access", "Fal", "Http", "Ids", "Jobs", "Models", "Orders", "Spending", "Storage"] },
        { "FalCompat", ["Access", "Http", "Ids", "Jobs", "Models", "Orders", "Spending"] },
        { "FalStorage", ["Access", "FalCompat", "Http", "Ids", "Models", "Secrets", "Uploads"] },
        { "FalWebhooks", ["Access", "Fal", "Http", "Ids", "Jobs", "Secrets"] },
        { "Storage", ["Access", "Http", "Ids", "Jobs", "Secrets", "Settings", "Spending"] },
        { "Startup", ["Access", "Fal", "Http", "Ids", "Jobs", "Observability", "Secrets", "Settings", "Spending", "Storage"] },
    };

    /// <summary>Who may know which of the rooms of Jobs; its root all may.</summary>
    public static TheoryData<string, string[]> RoomsOfJobs => new()
    {
        { "Submitting", ["Following", "Canceling", "Reading", "Watching"] }, // a submit is answered by what a read answers, and passes on a cancel that came meanwhile
        { "Following", ["Submitting", "Canceling"] },
        { "Canceling", ["Following", "Reading"] },
        { "Watching", ["Following"] },
        { "Reading", ["Following", "Watching", "Canceling"] }, // an operator reads why a job waits for a person
        { "Operating", ["Submitting", "Canceling", "Reading"] },
        { "Docs", ["Submitting", "Following", "Canceling", "Operating", "Reading"] },
    };

    /// <summary>How a request is read, who calls and how often, and the doors for clients that are not ours: their matter is HTTP.</summary>
    private static readonly string[] AllAboutHttp =
        ["Program.cs", "Http/", "OpenApi/", "Observability/", "Startup/", "Studio/", "FalCompat/", "FalStorage/", "FalWebhooks/", "Access/Credentials/",
            "Access/Limits/", "Access/Network/", "Access/Polls/"];

    /// <summary>What is no endpoint, and is made of HTTP all the same: how an answer looks, how its way is watched, how a body is opened, what an exception becomes.</summary>
    private static readonly string[] SpeakHttp =
    [
        "Jobs/Reading/JobPoll.cs", "Jobs/Reading/JobResponses.cs", "Jobs/Reading/JobView.cs", "Jobs/Reading/VideoStream.cs", "Jobs/Submitting/HttpAnswer.cs",
        "Jobs/Submitting/ResponseDelivery.cs",
        "Spending/Ledger/CsvTable.cs", "Storage/DatabaseTrouble.cs", "Uploads/Receiving/UploadBody.cs",
    ];

    [Theory]
    [MemberData(nameof(MayUse))]
    public void Folder_uses_only_what_it_may(string folder, string[] allowed) => Assert.Empty(
        from file in Sources(Path.Combine(Service, folder))
        from used in Used(File.ReadAllText(file))
        where used != folder && !allowed.Contains(used)
        select $"{folder}/{Path.GetFileName(file)} uses {used}");

    [Theory]
    [MemberData(nameof(RoomsOfJobs))]
    public void Room_uses_only_what_it_may(string room, string[] allowed) => Assert.Empty(
        from file in Sources(Path.Combine(Service, "Jobs", room))
        from Match used in RoomOfJobs().Matches(File.ReadAllText(file))
        where used.Groups[1].Value != room && !allowed.Contains(used.Groups[1].Value)
        select $"{Path.GetFileName(file)} uses {used.Groups[1].Value}");

    [Fact]
    public void Below_a_door_nobody_knows_Http() => Assert.Empty(
        from file in Sources(Service)
        let place = Path.GetRelativePath(Service, file).Replace('\\', '/')
        where !AllAboutHttp.Any(room => place.StartsWith(room, StringComparison.Ordinal)) && !SpeakHttp.Contains(place)
        from type in TypeStart().Split(References.Code(File.ReadAllText(file))).Skip(1) // what stands above the first are usings
        where !Endpoint().IsMatch(type)
        from named in Http().Matches(type).Select(match => match.Value).Distinct()
        select $"{place} names {named}");

    /// <summary>Whose a job is: who may speak of it, and, at fal's door, whose speaking of it shows that they know it.</summary>
    [Fact]
    public void Only_one_asks_whose_a_job_is() => Assert.Equal(
        ["FalCompat/OwnRequests.cs", "Jobs/OwnJobs.cs"],
        from file in Sources(Service)
        where Ownership().IsMatch(References.Code(File.ReadAllText(file)))
        orderby file
        select Path.GetRelativePath(Service, file).Replace('\\', '/'));

    [Fact]
    public void Every_exception_from_that_still_speaks_Http() => Assert.All(SpeakHttp, place =>
        Assert.Matches(Http(), References.Code(File.ReadAllText(Path.Combine(Service, place)))));

    [Fact]
    public void Every_folder_has_its_row() => Assert.Empty(Folders.Except(MayUse.Select(row => row.Data.Item1)));

    [Fact]
    public void Every_room_of_Jobs_has_its_row() => Assert.Empty(
        Directory.EnumerateDirectories(Path.Combine(Service, "Jobs")).Select(Path.GetFileName).Except(RoomsOfJobs.Select(row => row.Data.Item1)));

    [Fact]
    public void Nothing_but_the_composition_stands_in_the_root() =>
        Assert.Equal(["Program.cs", "ServiceVersion.cs"], Directory.EnumerateFiles(Service, "*.cs").Select(Path.GetFileName).Order());

    [Fact]
    public void No_files_of_a_folder_need_each_other() => Assert.Empty(Folders.SelectMany(folder => References.Cycles(Path.Combine(Service, folder))));

    [Fact]
    public void Only_the_composition_knows_a_door() => Assert.Empty(
        from file in Sources(Service)
        where Path.GetFileName(file) != "Program.cs"
        from Match door in Door().Matches(References.Code(File.ReadAllText(file)))
        where door.Value != Path.GetFileNameWithoutExtension(file)
        select $"{Path.GetFileName(file)} names {door.Value}");

    /// <summary>Whatever is said of it elsewhere would have to be said again of the next one.</summary>
    [Fact]
    public void Only_its_line_in_the_door_knows_a_family_of_models() => Assert.Equal(["ModelsModule.cs"],
        from file in Sources(Service)
        where !file.Contains(Path.Combine("Models", "O3"), StringComparison.Ordinal) && Family().IsMatch(References.Code(File.ReadAllText(file)))
        select Path.GetFileName(file));

    [Fact]
    public void No_room_is_too_full() => Assert.Empty(
        from folder in new[] { Service, Sandbox, Path.Combine(Repository.Root, "tests") }.SelectMany(root => Sources(root))
            .Concat(Directory.EnumerateFiles(Path.Combine(Service, "Studio", "page"), "*", SearchOption.AllDirectories)).GroupBy(file => Path.GetDirectoryName(file))
        where folder.Count() > MaxFilesOfAFolder
        select $"{folder.Key} has {folder.Count()} files");

    [Fact]
    public void No_line_is_longer_than_a_screen() => Assert.Empty(
        from file in Sources(Service).Concat(Sources(Sandbox)) // a table of cases reads better as wide as it is
        from line in Lines(File.ReadAllText(file)).Index()
        where line.Item.Length > MaxLineLength
        select $"{file}:{line.Index + 1} has {line.Item.Length} characters");

    [Fact]
    public void No_two_log_lines_have_one_number() => Assert.Empty(
        from file in Sources(Service)
        from Match line in LogNumber().Matches(File.ReadAllText(file))
        group Path.GetFileName(file) by line.Groups[1].Value into numbered
        where numbered.Count() > 1
        select $"{numbered.Key}: {string.Join(", ", numbered)}");

    [Fact]
    public void Only_the_composition_knows_the_Sandbox() => Assert.Empty(
        from folder in Folders.Except(["Startup"])
        from file in Sources(Path.Combine(Service, folder))
        where File.ReadAllText(file).Contains("KlingProxy.Sandbox", StringComparison.Ordinal)
        select file);

    [Fact]
    public void The_Sandbox_knows_nothing_of_ours()
    {
        Assert.Empty(XDocument.Load(Path.Combine(Sandbox, "KlingProxy.Sandbox.csproj")).Descendants("ProjectReference"));
        Assert.Empty(
            from file in Sources(Sandbox)
            from Match name in OwnNamespace().Matches(File.ReadAllText(file))
            where name.Groups[1].Value != "Sandbox"
            select $"{file} names {name.Value}");
    }

    [Fact]
    public void Only_one_folder_reads_the_key() => Assert.Empty(
        from folder in Folders.Except(["Fal", "Startup"])
        from file in Sources(Path.Combine(Service, folder))
        where ReadsKey().IsMatch(File.ReadAllText(file))
        select file);

    [Fact]
    public void Nothing_has_a_name_that_means_not_yet_understood() => Assert.Empty(
        from file in Sources(Service).Concat(Sources(Sandbox)).Concat(Sources(Path.Combine(Repository.Root, "tests")))
        from Match type in TypeName().Matches(File.ReadAllText(file))
        where BannedWord().IsMatch(type.Groups[1].Value)
        select $"{file}: {type.Groups[1].Value}");

    [Fact]
    public void Every_folder_has_at_most_one_door() => Assert.All(Folders, folder =>
        Assert.InRange(Sources(Path.Combine(Service, folder)).Count(file => file.EndsWith("Module.cs", StringComparison.Ordinal)), 0, 1));

    /// <summary>But for what is data (raw texts), and for what the API description shows as it stands, line breaks and all.</summary>
    private static IEnumerable<string> Lines(string source)
    {
        var isRaw = false;
        var isDoc = OfTheDescription().IsMatch(source);
        foreach (var line in source.Split('\n'))
        {
            var marks = RawMark().Count(line);
            yield return isRaw || marks > 0 || (isDoc && line.TrimStart().StartsWith("///", StringComparison.Ordinal)) ? "" : line.TrimEnd('\r');
            isRaw ^= marks % 2 == 1;
        }
    }

    private static IEnumerable<string> Sources(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Where(file => !Built().IsMatch(file))
        : [];

    // By its full name, or by the short one that stands in for it inside our own namespace: Orders.IOwnImages.
    private static IEnumerable<string> Used(string source) => OwnNamespace().Matches(source).Select(match => match.Groups[1].Value)
        .Concat(Qualified.Matches(References.Code(source)).Select(match => match.Groups[1].Value))
        .Where(Folders.Contains).Distinct();

    /// <summary>The types of Microsoft.AspNetCore.Http, as far as anybody would be tempted.</summary>
    [GeneratedRegex(@"(?<![.\w])(?:HttpContext|HttpRequest|HttpResponse|I\w*HeaderDictionary|IResult|Results(?=<)|\w*HttpResult|TypedResults|StatusCodes|HttpMethods|HttpProtocol|QueryString|PathString|IForm\w+|RequestDelegate|BadHttpRequestException|IProblemDetails\w+|ProblemDetails\w*|IExceptionHandler\w*|IHttp\w+|RouteEndpoint|Microsoft\.AspNetCore\.Http\S*)\b")]
    private static partial Regex Http();

    /// <summary>Where a type of a file begins.</summary>
    [GeneratedRegex(@"^(?=(?:\[\w|internal |public |file )\S)", RegexOptions.Multiline)]
    private static partial Regex TypeStart();

    /// <summary>A class without a state of its own that a route leads to, or that reads one thing off a request for those.</summary>
    [GeneratedRegex(@"^(?:internal|file) static (?:partial )?class ")]
    private static partial Regex Endpoint();

    [GeneratedRegex(@"\bcaller\.Id [!=]= \w+\.(?:CallerId|PayerId)\b|\.(?:CallerId|PayerId) [!=]= caller\.Id\b")]
    private static partial Regex Ownership();

    [GeneratedRegex(@"\bKlingProxy\.(\w+)")]
    private static partial Regex OwnNamespace();

    [GeneratedRegex(@"(?<![.\w])(?:KlingProxy\.)?(?:Jobs\.)?(Submitting|Following|Canceling|Operating|Reading|Watching|Docs)(?:\.(?=[A-Z])|;)")]
    private static partial Regex RoomOfJobs();


    [GeneratedRegex(@"\bO3\w*")]
    private static partial Regex Family();

    [GeneratedRegex(@"FAL_(ADMIN_)?KEY(_FILE)?""[\])]")]
    private static partial Regex ReadsKey();

    [GeneratedRegex(@"\b[A-Z]\w+Module\b")]
    private static partial Regex Door();

    [GeneratedRegex(@"\b(?:class|record|struct|interface|enum)\s+(\w+)")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"record \w+(?:View|List|Body|Request|Links)\(")]
    private static partial Regex OfTheDescription();

    [GeneratedRegex(@"LoggerMessage\((\d+)")]
    private static partial Regex LogNumber();

    [GeneratedRegex("\"{3,}")]
    private static partial Regex RawMark();

    [GeneratedRegex("(Helper|Util|Manager|Common|Misc)", RegexOptions.IgnoreCase)]
    private static partial Regex BannedWord();

    [GeneratedRegex(@"[\\/](bin|obj|node_modules|generated)[\\/]")]
    private static partial Regex Built();
}
